"""Rows that made-up requests can name, so that some of them get past the door."""

from __future__ import annotations

from typing import Any

from accounts.domain import accounts, actors, keys
from accounts.models import Account
from campaigns.domain import requests
from campaigns.models import MessageTemplate
from crm.domain import customers
from crm.models import Location
from feedback.domain import responses
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
}


def caller(contract: Contract) -> tuple[str, dict[str, str]]:
    """An agency's key without a rate limit, and an id of its account per noun."""
    agency = accounts.create(name="Agency", is_agency=True, rate_limits={contract.name: 0}, actor=SYSTEM)
    secret = keys.issue(account=agency, name="made up", agency=True, actor=SYSTEM).secret
    return secret, _rows(agency)


def _rows(agency: Account) -> dict[str, str]:
    home = Location.objects.create(account=agency, name="Home", country_code="US")
    fields: Any = {"email": "jane@example.com", "mobile_number": "+18135550123"}
    jane = customers.upsert(account=agency, fields=fields, locations=[home], actor=SYSTEM)
    template = MessageTemplate.objects.filter(account=agency, channel="email").get()
    platform = Platform.objects.create(slug="site", name="Site")
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


def mean(case: Any, known: dict[str, str]) -> None:
    """Have a made-up request name rows that there are."""
    noun = case.path.rsplit("/", 1)[0].rsplit("/", 1)[-1]
    if "id" in (case.path_parameters or {}) and noun in known:
        case.path_parameters["id"] = known[noun]
    for part in (case.query, case.body):
        for name in part if isinstance(part, dict) else ():
            if name in MEANING and part[name]:
                part[name] = known[MEANING[name]]
