"""Indexes for lists, counts and queries of thumbs; rows of other contracts are in none of them."""

from __future__ import annotations

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models
from django.db.models import Q

THUMB = Q(contract="inkeep")


class Migration(migrations.Migration):
    # Built beside running writes.
    atomic = False

    dependencies = [("feedback", "0001_initial")]

    operations = [
        AddIndexConcurrently(
            "feedbackrecord",
            models.Index(
                fields=["account", "value_boolean", "-collected_at", "-id"], name="thumb_kind", condition=THUMB
            ),
        ),
        AddIndexConcurrently(
            "feedbackrecord",
            models.Index(fields=["account", "-collected_at", "-id"], name="thumb_list", condition=THUMB),
        ),
        AddIndexConcurrently(
            "feedbackrecord",
            models.Index(fields=["account", "source_id"], name="thumb_message", condition=THUMB),
        ),
    ]
