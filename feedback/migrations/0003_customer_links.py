"""Indexes for a customer's timeline and for linking what was said before its sender was known."""

from __future__ import annotations

import django.db.models.deletion
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models
from django.db.models import Q
from django.db.models.fields.json import KT
from django.db.models.functions import Left, Lower


class Migration(migrations.Migration):
    # Built beside running writes.
    atomic = False

    dependencies = [("crm", "0003_look_back"), ("feedback", "0002_thumb_indexes")]

    operations = [
        AddIndexConcurrently(
            "feedbackrecord",
            models.Index(
                fields=["customer", "-collected_at", "-id"],
                name="record_customer",
                condition=Q(customer__isnull=False),
            ),
        ),
        # The index above does its work, for the few records that have a customer.
        migrations.AlterField(
            "feedbackrecord",
            "customer",
            models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="crm.customer",
            ),
        ),
        AddIndexConcurrently(
            "feedbackrecord",
            models.Index(
                "account",
                Lower("user_id"),
                name="record_unknown_user",
                condition=Q(customer=None, user_id__isnull=False),
            ),
        ),
        AddIndexConcurrently(
            "feedbackrecord",
            models.Index(
                "account",
                Left(Lower(KT("raw__userProperties__email")), 254),
                name="thumb_unknown_email",
                condition=Q(contract="inkeep") & Q(customer=None),
            ),
        ),
        AddIndexConcurrently(
            "feedbackitem",
            models.Index(
                "account",
                Lower("user_email_snapshot"),
                name="item_unknown_email",
                condition=Q(customer=None, user_email_snapshot__isnull=False),
            ),
        ),
    ]
