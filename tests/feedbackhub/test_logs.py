"""What a log line may know."""

from __future__ import annotations

import io
import logging

import pytest
import structlog
from django.db import DataError, IntegrityError, connection, transaction
from django.test import Client

from accounts.models import Account, User

# By its name only in the code: tracebacks show lines of source.
PERSON = "canary@example.com"


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch) -> io.StringIO:
    """What is really written: the handler's stream, after every processor."""
    (handler,) = [each for each in logging.getLogger().handlers if type(each) is logging.StreamHandler]
    stream = io.StringIO()
    monkeypatch.setattr(handler, "stream", stream)
    return stream


def test_secrets_are_blanked_by_their_names(lines: io.StringIO):
    structlog.get_logger("tests").info("event", token="canary-1", Authorization="canary-2", name="kept")

    assert "canary" not in lines.getvalue()
    assert "name=kept" in lines.getvalue()


def test_a_line_feed_cannot_forge_a_line(lines: io.StringIO):
    structlog.get_logger("tests").info("event", agent="x\nlevel=info event=forged")

    assert len(lines.getvalue().splitlines()) == 1


@pytest.mark.django_db
def test_a_constraint_is_named_without_the_values_of_the_row(lines: io.StringIO):
    User.objects.create_user(PERSON)
    try:
        with transaction.atomic():
            User.objects.create_user(PERSON)
    except IntegrityError as error:
        structlog.get_logger("tests").error("event", exc_info=error)
        logging.getLogger("tests").error("event", exc_info=error)

    assert lines.getvalue().count("violates unique constraint") >= 2
    assert "canary" not in lines.getvalue()


@pytest.mark.django_db
def test_a_value_of_the_wrong_type_is_not_repeated(lines: io.StringIO):
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT %s::uuid", [PERSON])
    except DataError as error:
        structlog.get_logger("tests").error("event", exc_info=error)

    assert "invalid input syntax for type uuid" in lines.getvalue()
    assert "canary" not in lines.getvalue()


@pytest.mark.django_db
def test_a_failed_page_is_logged_with_its_route_and_traceback_but_not_its_address(lines: io.StringIO, settings):
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, "tests.feedbackhub.api.fake.crashing_middleware"]
    Client(raise_request_exception=False).get("/f/canary-token?mail=canary")

    assert "Internal Server Error" in lines.getvalue()
    assert "in a middleware" in lines.getvalue()
    assert "canary" not in lines.getvalue()


@pytest.mark.django_db
def test_a_form_refused_for_its_token_is_logged_without_its_address(lines: io.StringIO):
    Client(enforce_csrf_checks=True).post("/accounts/password/reset/key/1-canary-token/", {"password1": "canary"})

    assert "Forbidden" in lines.getvalue()
    assert "canary" not in lines.getvalue()


@pytest.mark.django_db
def test_a_whole_call_leaves_no_secret_behind(lines: io.StringIO, account: Account, settings):
    from tests.clients import caller_of
    from tests.feedbackhub.api import fake

    settings.ROOT_URLCONF = "tests.feedbackhub.api.fake"
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "fake": 0}
    client = caller_of(fake.CONTRACT, account)
    client.post("/fake/things?note=canary", {"name": "canary", "then": "conflict"})
    client.get("/fake/things/canary")

    assert lines.getvalue().count("event=request") == 2
    assert "canary" not in lines.getvalue()
    assert client.secret not in lines.getvalue()
