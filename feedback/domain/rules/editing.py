"""Rules as an account writes them: made, changed, put in order, removed."""

from __future__ import annotations

from typing import Any, TypedDict, Unpack

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.domain.actors import SYSTEM, Actor, acting
from accounts.domain.queries import access
from accounts.domain.roles import May
from accounts.models import Account, User
from crm.models import Location
from feedback.domain.queries import rules as queries
from feedback.domain.rules.sittings import CONTRACTS
from feedback.models import FeedbackRecord, Label, ServiceTarget, TriageRule
from feedbackhub.errors import FieldProblem, Invalid, LimitReached, Refused

Compare = TriageRule.Compare
Signal = TriageRule.Signal
MOST_RULES = 100
MOST_WORDS = 50
# The field types that scores are compared on.
COMPARABLE = ("nps", "csat", "ces", "rating", "number")
STEP = 10


class RuleFields(TypedDict, total=False):
    """What may be said of a rule; the names are the model's."""

    name: str
    enabled: bool
    signal: str
    contract: str
    source_type: str
    field_type: str
    compare: str
    bound: float | None
    has_words: bool
    words: list[str]
    location: Location | None
    language: str
    tenant_id: str
    item_type: str
    area: str
    status: str
    sla_target: ServiceTarget | None
    labels: list[Label]
    people: list[User]


def create(*, account: Account, actor: Actor, **fields: Unpack[RuleFields]) -> TriageRule:
    """A rule before all others: what is newest is most particular. Raises Invalid, LimitReached."""
    people, labels = fields.get("people", []), fields.get("labels", [])
    rule = draft(account=account, **fields)
    _check(rule, people, labels)
    with acting(actor), transaction.atomic():
        rules = _locked(account)
        if len(rules) >= MOST_RULES:
            raise LimitReached(f"An account may have {MOST_RULES} rules. Remove or change one.")
        rule.save()
        rule.people.set(people)
        rule.labels.set(labels)
        _number([rule, *rules])
    return rule


def draft(*, account: Account, **fields: Unpack[RuleFields]) -> TriageRule:
    """A rule that is not stored, for a dry run; `people` and `labels` don't matter there."""
    fields = RuleFields(**fields)
    fields.pop("people", None)
    fields.pop("labels", None)
    rule = TriageRule(account=account, position=0, **fields)
    _tidy(rule)
    return rule


def tried(*, account: Account, rule: TriageRule | None, **fields: Unpack[RuleFields]) -> TriageRule:
    """What a rule would be with these fields, for a dry run; one that is stored keeps its place. Raises Invalid."""
    changed = draft(account=account, **fields)
    _check(changed, [], [])
    if rule is not None:
        changed.pk, changed.position, changed._state.adding = rule.pk, rule.position, False
    return changed


def update(*, rule: TriageRule, actor: Actor, **changes: Unpack[RuleFields]) -> TriageRule:
    """Change what is given. Raises Invalid naming every field at fault."""
    people, labels = changes.pop("people", None), changes.pop("labels", None)
    for name, value in changes.items():
        setattr(rule, name, value)
    _tidy(rule)
    _check(rule, people or [], labels or [])
    with acting(actor), transaction.atomic():
        rule.save(update_fields=[*changes, "field_type", "bound", "words", "updated_at"])
        if people is not None:
            rule.people.set(people)
        if labels is not None:
            rule.labels.set(labels)
    return rule


def switch(*, rule: TriageRule, on: bool, actor: Actor) -> TriageRule:
    with acting(actor):
        rule.enabled = on
        rule.save(update_fields=["enabled", "updated_at"])
    return rule


def move(*, rule: TriageRule, up: bool, actor: Actor) -> None:
    """Let it change places with the one before or after it; at the end it stays."""
    with acting(actor), transaction.atomic():
        rules = _locked(rule.account)
        at = rules.index(rule)
        to = at - 1 if up else at + 1
        if 0 <= to < len(rules):
            rules[at], rules[to] = rules[to], rules[at]
            _number(rules)


def delete(*, rule: TriageRule, actor: Actor) -> None:
    """What it made stays. Raises Refused for the rule that every account has."""
    if rule.built_in:
        raise Refused("Every account has this rule. Switch it off instead.")
    with acting(actor):
        rule.delete()


def begin(*, account: Account) -> None:
    """Give a new account the rule it starts with."""
    with acting(SYSTEM):
        queries.built_in(account).save()


def _locked(account: Account) -> list[TriageRule]:
    # The account's row: two who add their first rules at once have no rule to wait for.
    Account.objects.select_for_update().get(pk=account.pk)
    return list(queries.rules_of(account))


def _number(rules: list[TriageRule]) -> None:
    for index, rule in enumerate(rules, start=1):
        if rule.position != index * STEP:
            rule.position = index * STEP
            rule.save(update_fields=["position"])


def _tidy(rule: TriageRule) -> None:
    rule.name, rule.area = rule.name.strip(), rule.area.strip()
    rule.words = list(dict.fromkeys(word.strip() for word in rule.words if word.strip()))
    if rule.signal in (Signal.REVIEW,) and rule.compare in (Compare.AT_MOST, Compare.AT_LEAST):
        rule.field_type = FeedbackRecord.FieldType.RATING
    if rule.compare not in (Compare.AT_MOST, Compare.AT_LEAST):
        rule.bound = None


def _check(rule: TriageRule, people: list[User], labels: list[Label]) -> None:
    problems: list[FieldProblem] = []
    try:
        rule.clean_fields(exclude={"account", "position", "turn"})
    except ValidationError as error:
        problems = [FieldProblem(name, " ".join(said)) for name, said in error.message_dict.items()]
    problems += [FieldProblem(name, said) for name, wrong, said in _rules(rule) if wrong]
    problems += [
        FieldProblem("people", f"{person} cannot open items of this account.")
        for person in people
        if not access.may(person, rule.account, what=May.TRIAGE)
    ]
    if any(label.account_id != rule.account_id for label in labels):
        problems.append(FieldProblem("labels", "There is no such label."))
    if problems:
        raise Invalid.many(problems)


def _rules(rule: TriageRule) -> list[tuple[str, bool, str]]:
    """Field, whether it is wrong, what to do."""
    compared = rule.compare in (Compare.AT_MOST, Compare.AT_LEAST)
    texts: list[Any] = [rule.name, rule.area, rule.source_type, rule.tenant_id, rule.language, *rule.words]
    return [
        ("name", any("\0" in text for text in texts), "Text must not contain NUL."),
        ("bound", compared and rule.bound is None, "Say which score."),
        ("bound", rule.bound is not None and abs(rule.bound) > 1e15, "That is no score."),
        (
            "field_type",
            compared and rule.field_type not in COMPARABLE,
            "Say which kind of score: seven is bad on one scale and perfect on another.",
        ),
        (
            "contract",
            bool(rule.contract) and rule.contract not in CONTRACTS.get(rule.signal, ()),
            "Nothing of this kind comes that way.",
        ),
        ("words", len(rule.words) > MOST_WORDS, f"At most {MOST_WORDS} words."),
        (
            "location",
            rule.location is not None and rule.location.account_id != rule.account_id,
            "There is no such location.",
        ),
        (
            "sla_target",
            rule.sla_target is not None and rule.sla_target.account_id != rule.account_id,
            "There is no such target.",
        ),
    ]
