"""What records, answers and items look like in an exported file."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from accounts.domain.exporting import Export
from accounts.models import Account
from feedback.models import FeedbackItem, FeedbackRecord, Response

RECORD = (
    "Id", "Collected", "Contract", "Tenant", "Submission", "Source type", "Source", "Field", "Question", "Type", "Text",
    "Choice", "Number", "Scale", "Yes or no", "Date", "Language", "User id", "Customer", "Location",
)  # fmt: skip
ANSWER = ("Id", "Given", "Kind", "Score", "Comment", "Customer", "E-mail", "Location", "Review platform opened")
ITEM = (
    "Id", "Made", "Channel", "Type", "Status", "Message", "Area", "Assignee", "Customer", "E-mail", "Location",
    "May be contacted", "Note", "External issue", "Reviewed", "Closed", "Plan", "Client version",
)  # fmt: skip


def _moment(at: datetime | None) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S}" if at else ""


def records(account: Account, keys: Sequence[Any]) -> Iterable[Sequence[Any]]:
    rows = FeedbackRecord.objects.for_account(account).filter(pk__in=keys).order_by("pk")
    for one in rows.select_related("customer", "location").defer("raw", "metadata"):
        yield (
            one.pk, _moment(one.collected_at), one.contract, one.tenant_id, one.submission_id, one.source_type,
            one.source_name or one.source_id, one.field_id, one.field_label, one.field_type, one.value_text,
            one.value_id, one.value_number, one.value_scale, one.value_boolean, _moment(one.value_date),
            one.language, one.user_id, one.customer and one.customer.public_id, one.location,
        )  # fmt: skip


def answers(account: Account, keys: Sequence[Any]) -> Iterable[Sequence[Any]]:
    rows = Response.objects.for_account(account).filter(pk__in=keys).order_by("pk")
    for one in rows.select_related("customer", "location", "score", "comment"):
        score = one.score.value_boolean if one.score.value_number is None else one.score.value_number
        yield (
            one.public_id, _moment(one.created_at), one.kind, score, one.comment and one.comment.value_text,
            one.customer and one.customer.public_id, one.customer and one.customer.email, one.location,
            one.platform_name,
        )  # fmt: skip


def items(account: Account, keys: Sequence[Any]) -> Iterable[Sequence[Any]]:
    rows = FeedbackItem.objects.for_account(account).filter(pk__in=keys).order_by("pk")
    for one in rows.select_related("customer", "location", "assignee"):
        yield (
            one.pk, _moment(one.created_at), one.get_channel_display(), one.get_type_display(),
            one.get_status_display(), one.message, one.area, one.assignee, one.customer,
            one.customer.email if one.customer else one.user_email_snapshot, one.location, one.allow_contact,
            one.admin_note, one.external_issue_url, _moment(one.reviewed_at), _moment(one.closed_at), one.plan_snapshot,
            one.client_version,
        )  # fmt: skip


EXPORTS = (
    Export("feedback.FeedbackRecord", RECORD, records),
    Export("feedback.Response", ANSWER, answers),
    Export("feedback.FeedbackItem", ITEM, items),
)
