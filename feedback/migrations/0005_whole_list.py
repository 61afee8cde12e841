"""The list of an account's answers over all of its tenants sorted a million rows for a page."""

from __future__ import annotations

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    # Built beside running writes.
    atomic = False

    dependencies = [("feedback", "0004_webhooks_and_tenants")]

    operations = [
        AddIndexConcurrently(
            "feedbackrecord", models.Index(fields=["account", "-collected_at", "id"], name="record_whole_list")
        ),
    ]
