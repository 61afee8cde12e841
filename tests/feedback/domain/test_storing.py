"""Records that come at once share a statement; what becomes of one is nobody else's affair."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest
from django.db import DataError, IntegrityError, OperationalError, connection, transaction

from accounts.domain.actors import SYSTEM
from accounts.models import Account
from crm.domain import identities
from crm.models import Customer, Identity
from feedback.domain import records, storing, tenants
from feedback.domain.records import RecordDraft
from feedback.models import FeedbackRecord
from feedbackhub.errors import Conflict
from feedbackhub.sharing import Sharing
from tests.threads import at_once

NOW = datetime(2026, 3, 1, 12, 0, 0, 123456, tzinfo=UTC)


def draft(**values: Any) -> RecordDraft:
    given = {"submission_id": "s", "source_type": "survey", "field_id": "q", "field_type": "text", **values}
    return RecordDraft(**{"contract": FeedbackRecord.Contract.HUB, **given})


def unsaved(account: Account, **values: Any) -> FeedbackRecord:
    return records._unsaved(account, draft(**values), NOW)


def dsn() -> str:
    return str(connection.connection.info.dsn) if connection.connection else ""


class Company:
    """Lets the first record wait until all others wait behind it, so that those share one statement."""

    def __init__(self) -> None:
        self.sharing: Sharing[FeedbackRecord, int | None] = Sharing(self._work, most=storing.MOST)
        self.sizes: list[int] = []
        self.others = 0

    def _work(self, given: Sequence[FeedbackRecord]) -> Sequence[int | Exception | None]:
        self.sizes.append(len(given))
        if len(self.sizes) == 1:
            deadline = time.monotonic() + 10
            while len(self.sharing._waiting) < self.others and time.monotonic() < deadline:
                time.sleep(0.005)
        return storing._together(given)

    def store(self, account: Account, given: list[dict[str, Any]]) -> list[FeedbackRecord | Exception]:
        """What became of each of the records that come at once, after one that came before them."""
        self.others = len(given)
        drafts = [
            draft(submission_id="first"),
            *(draft(**{"submission_id": f"s{n}", **each}) for n, each in enumerate(given)),
        ]

        def create(number: int) -> FeedbackRecord:
            if number:
                while not self.sizes:
                    time.sleep(0.001)
            return records.create(account=account, draft=drafts[number], actor=SYSTEM)

        first, *outcomes = at_once(len(drafts), create)
        assert isinstance(first, FeedbackRecord)
        assert self.sizes[:2] == [1, len(given)]
        return outcomes


@pytest.fixture
def company(monkeypatch: pytest.MonkeyPatch) -> Company:
    company = Company()
    monkeypatch.setattr(storing, "_shared", company.sharing)
    return company


def stored() -> list[str]:
    return sorted(FeedbackRecord.objects.exclude(submission_id="first").values_list("submission_id", flat=True))


@pytest.mark.django_db
def test_what_is_shared_is_stored_as_it_would_be_alone(account):
    jane = Customer.objects.create(account=account, email="jane@example.com")
    given: list[dict[str, Any]] = [
        {"value_number": 9.1, "value_scale": 10, "value_date": NOW, "collected_at": NOW, "value_boolean": False},
        {"metadata": {"a": [1, None, "x"], "big": 12345678901234567890}, "raw": {"metadata": None}, "tenant_id": "t"},
        {"metadata": "a text", "raw": [], "value_text": 'Quote " backslash \\ tab \t ünïcode 🎈', "language": "de"},
        {"metadata": 0, "raw": False, "value_text": "", "user_id": "", "field_label": "q\n?", "value_number": -1e15},
        {"metadata": {"huge": 10**19 * 9}, "user_id": "nobody"},
        {"customer_id": jane.pk, "user_id": "somebody@else.example"},
    ]
    alone = [unsaved(account, submission_id=f"alone {n}", **each) for n, each in enumerate(given)]
    shared = [unsaved(account, submission_id=f"shared {n}", **each) for n, each in enumerate(given)]
    customers = [storing._alone(record) for record in alone]
    assert list(storing._together(shared)) == customers == [None, None, None, None, None, jane.pk]
    for pair in zip(alone, shared, strict=True):
        one, other = (FeedbackRecord.objects.filter(pk=each.pk).values().get() for each in pair)
        assert one | {"id": "", "submission_id": ""} == other | {"id": "", "submission_id": ""}


@pytest.mark.django_db
def test_people_are_found_by_the_same_rule(account, other_account):
    jane = Customer.objects.create(account=account, email="Jane@example.com")
    joe = Customer.objects.create(account=account, mobile_number="+15550100")
    Customer.objects.create(account=other_account, email="eve@example.com")
    Identity.objects.create(account=account, customer=joe, kind="hub:user_id", value="u-1")
    Identity.objects.create(account=account, customer=joe, kind="inkeep:user_id", value="u-2")
    owners = {
        "jane@EXAMPLE.com": jane.pk,
        "+15550100": joe.pk,
        "u-1": joe.pk,
        jane.public_id: jane.pk,
        "u-2": None,
        "eve@example.com": None,
    }
    found = storing._together([unsaved(account, submission_id=user, user_id=user) for user in owners])
    assert dict(zip(owners, found, strict=True)) == owners
    for user, owner in owners.items():
        assert identities.customer_id(account=account, kind="hub:user_id", value=user) == owner


@pytest.mark.django_db(transaction=True)
def test_each_gets_its_own_answer_and_a_duplicate_is_its_own(account, company):
    records.create(account=account, draft=draft(submission_id="taken"), actor=SYSTEM)
    company.sizes.clear()
    outcomes = company.store(account, [{}, {"submission_id": "taken"}, {"submission_id": "s0"}, {"value_text": "x"}])
    # s0 came twice in the same statement: one of the two was first.
    assert sorted(type(each).__name__ for each in outcomes) == [
        "Conflict",
        "Conflict",
        "FeedbackRecord",
        "FeedbackRecord",
    ]
    assert isinstance(outcomes[1], Conflict)
    assert stored() == ["s0", "s3", "taken"]
    assert isinstance(outcomes[3], FeedbackRecord)
    assert FeedbackRecord.objects.get(submission_id="s3").pk == outcomes[3].pk


@pytest.mark.django_db(transaction=True)
def test_what_the_database_refuses_is_refused_to_its_caller_alone(account, company):
    outcomes = company.store(account, [{}, {"field_type": "unknown"}, {}, {"source_type": "x" * 300}])
    assert [type(each) for each in outcomes] == [FeedbackRecord, IntegrityError, FeedbackRecord, DataError]
    assert stored() == ["s0", "s2"]


@pytest.mark.django_db(transaction=True)
def test_a_tenant_that_is_being_erased_refuses_its_own_answers_only(account, company):
    with psycopg.connect(dsn()) as eraser:
        eraser.execute(f"SELECT pg_advisory_xact_lock({tenants._LOCK})", [account.pk, "erased"])
        outcomes = company.store(account, [{"tenant_id": "erased"}, {"tenant_id": "other"}])
    assert isinstance(outcomes[0], tenants.TenantBusy)
    assert isinstance(outcomes[1], FeedbackRecord)
    assert stored() == ["s1"]


@pytest.mark.django_db(transaction=True)
def test_whoever_waits_for_a_transaction_waits_alone(account, company):
    """The same answer is in a transaction that does not end; the others do not give up with it."""
    with psycopg.connect(dsn()) as slow:
        slow.execute(
            "INSERT INTO feedback_feedbackrecord (id, account_id, contract, tenant_id, submission_id, source_type,"
            " field_id, field_type, collected_at, created_at, updated_at)"
            " VALUES (gen_random_uuid(), %s, 'hub', '', 's1', 'survey', 'q', 'text', now(), now(), now())",
            [account.pk],
        )
        outcomes = company.store(account, [{}, {}, {}])
        stored_meanwhile = stored()
    # It was told to come again.
    assert [type(each) for each in outcomes] == [FeedbackRecord, tenants.TenantBusy, FeedbackRecord]
    assert stored_meanwhile == ["s0", "s2"]


@pytest.mark.django_db(transaction=True)
def test_nobody_repeats_what_may_have_been_stored_when_the_server_went(account, monkeypatch):
    """A connection that ends while its statement runs leaves it open whether that was committed."""
    encoded = storing._encoded

    def cut_off(given: Sequence[FeedbackRecord]) -> str:
        pid = connection.connection.info.backend_pid
        with psycopg.connect(dsn(), autocommit=True) as other:
            other.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])
        return encoded(given)

    monkeypatch.setattr(storing, "_encoded", cut_off)
    with pytest.raises(OperationalError):
        storing._together([unsaved(account), unsaved(account, field_id="r")])
    connection.close()
    assert not FeedbackRecord.objects.exists()


def test_in_a_transaction_a_record_is_stored_in_it(account, monkeypatch, db):
    monkeypatch.setattr(storing, "_shared", None)
    with transaction.atomic():
        records.create(account=account, draft=draft(), actor=SYSTEM)
    assert FeedbackRecord.objects.count() == 1
