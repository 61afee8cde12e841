"""Rows that made-up requests can name, so that some of them get past the door."""

from __future__ import annotations

from typing import Any

from accounts.domain import accounts, actors, keys
from accounts.models import Account
from campaigns.domain import requests
from campaigns.models import MessageTemplate
from crm.domain import customers
from crm.models import Location
from feedback.domain import items, responses, sources
from feedback.domain.items import ItemDraft
from feedback.domain.sources import SourceRecordDraft
from feedback.models import FeedbackItem
from feedbackhub.api.contract import Contract
from reviews.domain import reviews
from reviews.domain.reviews import ReviewDraft
from reviews.models import Platform

SYSTEM = actors.SYSTEM
# Which noun's id a name in a body or a query stands for.
MEANING = {
    "subscriber": "customers",
    "location": "locations",
    "location_add": "locations",
    "location_remove": "locations",
    "template": "templates",
    "platform": "platforms",
    "account_template": "accounts",
    "person_id": "people",
    "duplicateOfFeedbackItemId": "originals",
}


def caller(contract: Contract) -> tuple[str, dict[str, Any]]:
    """An agency's key without a rate limit, and an id of its account per noun."""
    agency = accounts.create(name="Agency", is_agency=True, rate_limits={contract.name: 0}, actor=SYSTEM)
    secret = keys.issue(account=agency, name="made up", agency=True, actor=SYSTEM).secret
    return secret, ROWS.get(contract.name, _rows)(agency)


def _rows(agency: Account) -> dict[str, Any]:
    home = Location.objects.create(account=agency, name="Home", country_code="US")
    fields: Any = {"email": "jane@example.com", "mobile_number": "+18135550123"}
    jane = customers.upsert(account=agency, fields=fields, locations=[home], actor=SYSTEM)
    template = MessageTemplate.objects.filter(account=agency, channel="email").get()
    platform, _ = Platform.objects.get_or_create(slug="site", defaults={"name": "Site"})
    review = reviews.create(account=agency, location=home, draft=ReviewDraft(platform=platform, rating=4), actor=SYSTEM)
    asked = requests.create(account=agency, customer=jane, template=template, actor=SYSTEM)
    said = responses.submit(account=agency, kind="nps", score=3, customer=jane, location=home, actor=SYSTEM)
    rows = {
        "customers": jane,
        "locations": home,
        "templates": template,
        "platforms": platform,
        "reviews": review,
        "feedback-request": asked,
        "feedback": said,
        "accounts": accounts.create(name="Client", parent=agency, actor=SYSTEM),
    }
    return {noun: row.public_id for noun, row in rows.items()}


def _ingested(agency: Account) -> dict[str, Any]:
    """What BuildBetter's addresses name, by number."""
    jane = customers.upsert(account=agency, fields={"email": "jane@example.com"}, actor=SYSTEM)
    source = sources.create(account=agency, name="Tickets", actor=SYSTEM)
    field = {"category": "content", "type": "integer", "name": "nps", "value": 9}
    draft = SourceRecordDraft(fields=[field], customer=jane, external_id="1")
    record = sources.add_record(account=agency, source=source, draft=draft, actor=SYSTEM)
    return {"people": jane.pk, "feedback-sources": source.pk, "records": record.pk}


def _reported(agency: Account) -> dict[str, Any]:
    """What Leadping's addresses name."""
    draft = ItemDraft(message="The export hangs", channel=FeedbackItem.Channel.PRODUCT)
    one, other = (items.create(account=agency, draft=draft, actor=SYSTEM) for _ in range(2))
    return {"admin": str(one.pk), "originals": str(other.pk)}


ROWS = {"buildbetter": _ingested, "leadping": _reported}


def mean(case: Any, known: dict[str, Any]) -> None:
    """Have a made-up request name rows that there are."""
    noun = case.path.rsplit("/", 1)[0].rsplit("/", 1)[-1]
    if "id" in (case.path_parameters or {}) and noun in known:
        case.path_parameters["id"] = known[noun]
    if "source_id" in (case.path_parameters or {}):
        case.path_parameters["source_id"] = known["feedback-sources"]
    for part in (case.query, case.body):
        for name in part if isinstance(part, dict) else ():
            if name in MEANING and part[name]:
                part[name] = known[MEANING[name]]
