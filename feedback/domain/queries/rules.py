"""Finding triage rules, in the order in which they are asked."""

from __future__ import annotations

from django.db.models import QuerySet

from accounts.models import Account
from feedback.models import FeedbackItem, TriageRule
from feedbackhub.errors import NotFound

BUILT_IN_NAME = "An unhappy answer with a comment is a complaint"


def rules_of(account: Account) -> QuerySet[TriageRule]:
    return TriageRule.objects.for_account(account).order_by("position", "pk")


def rule_for(*, account: Account, id: int) -> TriageRule:
    """One rule of the account. Raises NotFound."""
    rule = TriageRule.objects.for_account(account).numbered(id).first()
    if rule is None:
        raise NotFound("There is no such rule.")
    return rule


def asked(*, account: Account, signal: str) -> list[TriageRule]:
    """The rules that are on for a kind of signal, the first to ask first.

    An account whose built-in rule was never written has it as it came.
    """
    found = list(rules_of(account).select_related("sla_target"))
    if not any(rule.built_in for rule in found):
        found.append(built_in(account))
    return [rule for rule in found if rule.enabled and rule.signal == signal]


def built_in(account: Account) -> TriageRule:
    """The rule that an account starts with, not stored."""
    return TriageRule(
        account=account,
        built_in=True,
        position=1000,
        name=BUILT_IN_NAME,
        signal=TriageRule.Signal.ANSWER,
        compare=TriageRule.Compare.UNHAPPY,
        has_words=True,
        item_type=FeedbackItem.Type.COMPLAINT,
    )
