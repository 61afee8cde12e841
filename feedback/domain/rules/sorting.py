"""Making items of sittings by the account's rules, once each: the constraint `item_origin_once` has the last word."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.db import IntegrityError, connection, transaction
from django.db.models import F

from accounts.domain.actors import Actor
from accounts.domain.queries import access
from accounts.domain.roles import May
from accounts.models import User
from feedback.domain import items, labels, triage
from feedback.domain.alike import WORDLESS
from feedback.domain.items import ItemDraft
from feedback.domain.queries import rules as queries
from feedback.domain.rules import matching
from feedback.domain.rules.sittings import Sitting
from feedback.domain.triage import Changes
from feedback.models import Evidence, FeedbackItem, FeedbackRecord, TriageRule
from feedbackhub.errors import NotFound

ONCE = "item_origin_once"
_HOLD = f"""
SELECT id FROM {FeedbackRecord._meta.db_table} WHERE account_id = %s AND id = ANY(%s) ORDER BY id FOR KEY SHARE
"""  # noqa: S608 - a name of ours


def sort(*, sitting: Sitting, actor: Actor) -> FeedbackItem | None:
    """Make the item that the first matching rule wants, in the caller's transaction. None: no rule matches, or it is
    an item already, which then learns what was said since."""
    rules = queries.asked(account=sitting.account, signal=sitting.signal)
    return by_rules(rules=rules, sitting=sitting, actor=actor)


def by_rules(*, rules: Sequence[TriageRule], sitting: Sitting, actor: Actor) -> FeedbackItem | None:
    """`sort` with the rules at hand."""
    rule = matching.first(rules, sitting)
    if rule is None and not sitting.words:
        return None
    if _join(sitting) or rule is None:
        return None
    return make(rule=rule, sitting=sitting, actor=actor)


def make(*, rule: TriageRule, sitting: Sitting, actor: Actor) -> FeedbackItem | None:
    """The item with the rule's effects; None if somebody else made it in the meantime."""
    draft = ItemDraft(
        type=rule.item_type,
        channel=sitting.channel,
        message=sitting.message,
        area=rule.area or None,
        customer=sitting.customer,
        location=sitting.location,
        origin=sitting.origin,
        target=rule.sla_target,
    )
    try:
        with transaction.atomic():
            item = items.create(account=sitting.account, draft=draft, actor=actor, evidence=sitting.records)
            _effects(rule, item)
    except IntegrityError as error:
        if ONCE not in str(error):
            raise
        return None
    return item


def _join(sitting: Sitting) -> bool:
    """Whether it is an item already. Words that came after the score go with it, unless the item has some."""
    item = FeedbackItem.objects.for_account(sitting.account).filter(origin=sitting.origin).first()
    if item is None:
        return False
    held = _hold(sitting)
    Evidence.objects.bulk_create([Evidence(item=item, record_id=id) for id in held], ignore_conflicts=True)
    if sitting.words and item.message.endswith(WORDLESS):
        FeedbackItem.objects.filter(pk=item.pk, message=item.message).update(
            message=sitting.words, version=F("version") + 1
        )
    return True


def _hold(sitting: Sitting) -> list[UUID]:
    """Those of its records that nobody has erased, nor can until we commit. Whoever erases one takes it first and the
    item then, so we must not have the item already when the database looks for the record."""
    with connection.cursor() as cursor:
        cursor.execute(_HOLD, [sitting.account.pk, [row.pk for row in sitting.records]])
        return [id for (id,) in cursor.fetchall()]


def _effects(rule: TriageRule, item: FeedbackItem) -> None:
    changes: Changes = {}
    if rule.status != FeedbackItem.Status.NEW:
        changes["status"] = rule.status
    if (assignee := _next_person(rule)) is not None:
        changes["assignee"] = assignee
    actor = actor_of(rule)
    if changes:
        triage.update(item=item, actor=actor, **changes)
    for label in rule.labels.order_by("pk") if rule.pk else ():
        labels.add(item=item, label=label, actor=actor)


def actor_of(rule: TriageRule) -> Actor:
    """A rule acts in its own name: the history says which."""
    return Actor("system", f"rule-{rule.pk}" if rule.pk else "", f"Rule “{rule.name}”")


def able(rule: TriageRule) -> tuple[list[User], list[User]]:
    """The rule's people who can open its items, and those who no longer can."""
    people = list(rule.people.order_by("pk")) if rule.pk else []
    can = [person for person in people if access.may(person, rule.account, what=May.TRIAGE)]
    return can, [person for person in people if person not in can]


def _next_person(rule: TriageRule) -> User | None:
    """Whose turn it is; who left is passed over."""
    can, _ = able(rule)
    if len(can) < 2:
        return can[0] if can else None
    # Whoever else asks at the same time waits for this row and gets the next number.
    mine = TriageRule.objects.filter(pk=rule.pk)
    if not mine.update(turn=F("turn") + 1):
        raise NotFound("The rule has been deleted.")
    return can[mine.values_list("turn", flat=True).get() % len(can)]
