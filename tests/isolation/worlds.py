"""Two tenants with a row of every kind, every id of a tenant, and what must not change."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.apps import apps
from django.db import connection
from django.db.models import ForeignKey, Model

from accounts.domain import actors
from accounts.models import Account, User
from feedback.domain import records, thumbs
from feedback.domain.records import RecordDraft
from feedback.domain.thumbs import ThumbDraft
from feedback.models import FeedbackItem, FeedbackRecord, Reply
from feedbackhub.api.contract import Contract
from reviews.models import Review
from tests.accounts.admin.world import rows_of
from tests.accounts.factories import agency, client
from tests.clients import ContractClient, caller_of

APPS = ("accounts", "crm", "feedback", "reviews", "campaigns")


@dataclass
class World:
    """An agency, its client account, and a row of every kind in the client; all of them say `mark`."""

    account: Account
    agency: Account
    rows: list[Model]
    mark: str

    def caller(self, contract: Contract, *, agency: bool = False) -> ContractClient:
        return caller_of(contract, self.agency if agency else self.account, agency=agency)

    def row(self, model: type[Model]) -> Any:
        return next(row for row in self.rows if type(row) is model)

    @cached_property
    def ids(self) -> list[str]:
        """Everything that names one of the rows anywhere: row keys, public ids, ids that senders gave."""
        found: list[Any] = []
        for row in self.rows:
            found += [row.pk, getattr(row, "public_id", None), getattr(row, "external_id", None)]
            if isinstance(row, FeedbackRecord):
                found.append(row.submission_id)
        return list(dict.fromkeys(str(id) for id in found if id))

    def ids_of(self, contract: Contract) -> list[str]:
        """Those in the form that a contract gives its ids: trying each at each place would take minutes."""
        public = {str(row.public_id) for row in self.rows if hasattr(row, "public_id")}
        if contract.name == "feedbackapi":
            return [id for id in self.ids if id in public]
        if contract.name == "buildbetter":
            return [id for id in self.ids if id not in public]
        return [id for id in self.ids if not id.isdecimal()]


def make(mark: str) -> World:
    boss = agency(name=f"{mark} agency")
    account = client(boss, name=f"{mark} shop", postal_address="1 Main Street, Springfield")
    rows = rows_of(account, mark)
    hub = RecordDraft(
        contract=FeedbackRecord.Contract.HUB,
        submission_id=f"{mark}-submission",
        source_type="survey",
        field_id="q1",
        field_type="text",
        value_text=mark,
        user_id=f"{mark}-user",
    )
    record = records.create(account=account, draft=hub, actor=actors.SYSTEM)
    liked = ThumbDraft(id=f"{mark}-thumb", positive=True, message_id=mark, sent={"messageId": mark})
    thumb = thumbs.log(account=account, draft=liked, actor=actors.SYSTEM)
    member = User.objects.get(memberships__account=account)
    platform = rows[Review].platform
    reply = _reply(rows[FeedbackItem], mark)
    return World(account, boss, [*rows.values(), record, thumb, reply, member, boss, platform], mark)


def _reply(item: FeedbackItem, mark: str) -> Reply:
    """On the console an item's page shows it; it has no page of its own."""
    assert item.customer is not None
    return Reply.objects.create(
        account=item.account,
        item=item,
        customer=item.customer,
        channel="email",
        subject=mark,
        body=mark,
        author_name=mark,
    )


def models() -> list[type[Model]]:
    """Ours; the audit's copies only follow."""
    return [model for app in APPS for model in apps.get_app_config(app).get_models() if not _is_audit(model)]


def tenant_owned() -> set[type[Model]]:
    return {model for model in models() if any(field.name == "account" for field in model._meta.concrete_fields)}


def versions(world: World) -> set[tuple[str, str, str]]:
    """Where every row of the world's tenants stands: (table, key, place).

    An UPDATE moves a row, even one that changes nothing.
    """
    owners = (world.account.pk, world.agency.pk)
    each = (
        f"SELECT '{model._meta.db_table}', {model._meta.pk.column}::text, ctid::text FROM {model._meta.db_table} "
        f"WHERE {'id' if model is Account else 'account_id'} IN {owners}"
        for model in sorted({Account, *tenant_owned()}, key=lambda model: model._meta.label)
    )
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(each))
        return set(cursor.fetchall())


def ties_across_accounts() -> list[str]:
    """Rows that refer to a row of another account: there must never be one, whoever wrote it."""
    owned = tenant_owned()
    each = (
        f"SELECT '{model.__name__}.{field.name} ' || a.{_key(model)} FROM {model._meta.db_table} a "
        f"JOIN {field.related_model._meta.db_table} b ON b.{_key(field.related_model)} = a.{field.column} "
        "WHERE a.account_id IS DISTINCT FROM b.account_id"
        for model in sorted(owned, key=lambda model: model._meta.label)
        for field in model._meta.concrete_fields
        if isinstance(field, ForeignKey) and field.related_model in owned
    )
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(each))
        return [tie for (tie,) in cursor.fetchall()]


def _key(model: type[Model]) -> str:
    return str(model._meta.pk.column)


def _is_audit(model: type[Model]) -> bool:
    return hasattr(model, "pgh_tracked_model")
