"""Migrations say what the models say, and can be undone."""

from __future__ import annotations

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader

APPS = ("feedbackhub", "accounts", "crm", "feedback", "reviews", "campaigns")


@pytest.mark.django_db
def test_no_model_change_lacks_its_migration():
    call_command("makemigrations", "--check", "--dry-run", verbosity=0)


def test_every_migration_has_a_name_and_a_way_back():
    loader = MigrationLoader(None)
    ours = {key: migration for key, migration in loader.disk_migrations.items() if key[0] in APPS}
    assert {key[0] for key in ours} == set(APPS)
    for (app, name), migration in ours.items():
        assert "_auto_" not in name, f"{app}.{name}"
        assert all(operation.reversible for operation in migration.operations), f"{app}.{name}"


@pytest.mark.django_db
def test_the_database_is_at_the_newest_migration():
    executor = MigrationExecutor(connection)
    assert executor.migration_plan(executor.loader.graph.leaf_nodes()) == []
