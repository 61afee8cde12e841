"""An account's rules of sending: read by everything that sends, set in the console."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError

from accounts.domain.actors import Actor, acting
from accounts.models import Account
from campaigns.models import SendingRules
from crm.domain import countries
from feedbackhub.errors import FieldProblem, Invalid
from feedbackhub.wall import has_calendar


def rules_of(account: Account | int) -> SendingRules:
    """The account's, or the defaults."""
    found = SendingRules.objects.for_account(account).first()
    return found or SendingRules(account_id=account if isinstance(account, int) else account.pk)


def save(*, account: Account, changes: dict[str, Any], actor: Actor) -> SendingRules:
    """Set what is given. Raises Invalid naming the fields."""
    rules = rules_of(account)
    for name, value in changes.items():
        setattr(rules, name, value)
    rules.sms_countries = _countries(rules.sms_countries)
    rules.holidays = rules.holidays.strip().upper()
    problems = _problems(rules)
    if problems:
        raise Invalid.many(problems)
    with acting(actor):
        rules.save()
    return rules


def _problems(rules: SendingRules) -> list[FieldProblem]:
    try:
        rules.clean_fields(exclude={"account"})
    except ValidationError as error:
        return [FieldProblem(name, " ".join(said)) for name, said in error.message_dict.items()]
    problems = []
    if rules.day_start >= rules.day_end:
        problems.append(FieldProblem("day_end", "The day must end after it starts."))
    if rules.days_between > 366:
        problems.append(FieldProblem("days_between", "At most 366 days."))
    if rules.holidays and not has_calendar(rules.holidays):
        problems.append(FieldProblem("holidays", "Use a country such as AT, or a part of one such as US-CA."))
    return problems


def _countries(given: Any) -> list[str]:
    """Codes in capitals, once each."""
    if given in (None, ""):
        return []
    if not isinstance(given, list) or not all(isinstance(one, str) for one in given):
        raise Invalid('Give a list of country codes such as ["US", "CA"].', field="sms_countries")
    return sorted({countries.parse(one, field="sms_countries") for one in given})
