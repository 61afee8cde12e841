"""A query that is written once gives what the ORM gives, and says when it would not."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.db.models.functions import Now
from django.test.utils import CaptureQueriesContext

from accounts.models import Account
from campaigns.models import Message, SendingRules
from crm.models import Suppression
from feedbackhub.postgres.compiled import Compiled
from tests.campaigns.asking import ask, message_of

pytestmark = pytest.mark.django_db


def messages() -> Compiled[Message]:
    return Compiled(
        lambda pk: (
            Message.objects.filter(pk=pk)
            .select_related("account__sending_rules", "campaign_step", "feedback_request__location")
            .annotate(db_now=Now())
        ),
        pk=UUID(int=1),
    )


def test_rows_come_with_what_belongs_to_them_in_one_query(account: Account):
    SendingRules.objects.create(account=account, days_between=11)
    compiled, asked = messages(), [message_of(ask(account)) for _ in range(2)]
    for message in asked:
        location = message.feedback_request.location
        with CaptureQueriesContext(connection) as captured:
            [found] = compiled.fetch(pk=message.pk)
            assert found.account.sending_rules.days_between == 11
            assert found.campaign_step is None
            assert found.feedback_request is not None
            assert found.feedback_request.location == location
        assert len(captured) == 1
        assert {name: getattr(found, name) for name in columns(found)} == {
            name: getattr(message, name) for name in columns(message)
        }
        assert found.db_now.tzinfo is not None  # type: ignore[attr-defined]


def columns(message: Message) -> list[str]:
    return [field.attname for field in message._meta.concrete_fields]


def test_a_missing_row_is_no_row_and_a_missing_relation_none(account: Account):
    compiled = messages()
    [found] = compiled.fetch(pk=message_of(ask(account)).pk)
    assert compiled.fetch(pk=UUID(int=2)) == []
    assert not hasattr(found.account, "sending_rules")


def test_values_are_converted_as_usual(account: Account):
    row = Suppression.objects.create(
        account=account, channel="sms", address="+12015550123", reason="stop", source="recipient", evidence={"a": [1]}
    )
    rows = Compiled(lambda account: Suppression.objects.filter(account=account), account=-1)
    assert [(one.pk, one.evidence, one.created_at) for one in rows.fetch(account=account.pk)] == [
        (row.pk, {"a": [1]}, row.created_at)
    ]


def test_fields_left_out_are_read_later(account: Account):
    message = message_of(ask(account))
    some = Compiled(lambda pk: Message.objects.filter(pk=pk).only("channel"), pk=UUID(int=1))
    [found] = some.fetch(pk=message.pk)
    assert found.get_deferred_fields() >= {"text_body"}
    assert found.text_body == message.text_body


@pytest.mark.parametrize("given", [{"pk": UUID(int=1), "fence": 7}, {"pk": UUID(int=1), "missing": "x"}])
def test_a_stand_in_that_the_query_loses_is_refused(given: dict[str, Any]):
    with pytest.raises(ValueError, match="does not use"):
        Compiled(lambda pk, **_: Message.objects.filter(pk=pk), **given).fetch(**given)
