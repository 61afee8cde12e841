"""Connections to the database: whether they live is known without asking, and an ended one is nobody's error."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest
from django.conf import settings
from django.db import close_old_connections, connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Account
from feedback.api.hub.contract import HUB
from feedback.models import FeedbackRecord
from feedbackhub.postgres.cursors import prepared
from tests.clients import caller_of

ANSWER = {"field_id": "q1", "field_type": "rating", "source_type": "survey"}


def end_backend() -> None:
    """What a restart of the server does to an idle connection."""
    info = connection.connection.info
    with psycopg.connect(info.dsn, password=info.password or None, autocommit=True) as other:
        assert other.execute("SELECT pg_terminate_backend(%s, 5000)", [info.backend_pid]).fetchone() == (True,)


@pytest.mark.django_db(transaction=True)
def test_a_restart_of_the_server_between_two_calls_is_not_noticed(account: Account):
    hub = caller_of(HUB, account)
    assert hub.post("/v1/feedback-records", ANSWER).status_code == 201
    # As at the end of every request and the beginning of the next one.
    close_old_connections()
    end_backend()

    assert hub.post("/v1/feedback-records", ANSWER).status_code == 201
    assert FeedbackRecord.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_whether_a_connection_lives_is_known_without_a_statement():
    connection.ensure_connection()
    alive = connection.is_usable()
    end_backend()

    assert (alive, connection.is_usable()) == (True, False)
    connection.close()


def test_the_settings_keep_connections_and_check_them():
    own = settings.DATABASES["default"]

    assert (own["ENGINE"], own["CONN_HEALTH_CHECKS"], own["CONN_MAX_AGE"]) == ("feedbackhub.postgres", True, 60)
    assert "synchronous_commit=on" in own["OPTIONS"]["options"]


@pytest.mark.django_db
def test_a_prepared_statement_is_seen_like_any_other_and_prepared_in_the_server():
    with CaptureQueriesContext(connection) as captured:
        for _ in range(5):
            with prepared() as cursor:
                cursor.execute("SELECT %s::text || 'b'", ["a"])
                assert cursor.fetchone() == ("ab",)

    assert len(captured) == 5
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE '%%|| ''b''%%'")
        assert cursor.fetchone() == (1,)


@pytest.mark.django_db
def test_a_create_is_one_statement(account: Account, django_assert_num_queries: Any):
    hub = caller_of(HUB, account)
    hub.get("/v1/feedback-records")
    for user in ({}, {"user_id": "u-1"}):
        with django_assert_num_queries(1):
            assert hub.post("/v1/feedback-records", {**ANSWER, **user}).status_code == 201
