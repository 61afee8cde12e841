"""Rules as an account writes them."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import IntegrityError, transaction

from accounts.domain import actors
from accounts.models import Account
from crm.models import Location
from feedback.domain import labels
from feedback.domain.queries import rules as queries
from feedback.domain.rules import editing
from feedback.models import TriageRule
from feedbackhub.errors import Invalid, LimitReached, NotFound, Refused
from tests.conftest import Person
from tests.feedback.domain.rules.making import rule_of

pytestmark = pytest.mark.django_db


def names(account: Account) -> list[str]:
    return [rule.name for rule in queries.rules_of(account)]


def test_a_new_rule_is_asked_first_and_moves_by_one(account: Account, alice: Person) -> None:
    for name in ("c", "b", "a"):
        rule_of(account, name=name)
    assert names(account) == ["a", "b", "c"]
    last = queries.rules_of(account).last()
    assert last is not None
    editing.move(rule=last, up=True, actor=alice.actor)
    assert names(account) == ["a", "c", "b"]
    for _ in range(3):
        editing.move(rule=last, up=True, actor=alice.actor)
    assert names(account) == ["c", "a", "b"]
    editing.move(rule=last, up=False, actor=alice.actor)
    assert names(account) == ["a", "c", "b"]


@pytest.mark.parametrize(
    ("fields", "at"),
    [
        ({"name": " "}, ["name"]),
        ({"name": "a\0"}, ["name"]),
        ({"signal": "smoke"}, ["signal"]),
        ({"compare": "at_most", "field_type": "nps"}, ["bound"]),
        ({"compare": "at_most", "bound": 3}, ["field_type"]),
        ({"compare": "at_least", "bound": 3, "field_type": "text"}, ["field_type"]),
        ({"contract": "inkeep"}, ["contract"]),
        ({"words": ["x" * 101]}, ["words"]),
        ({"words": [f"{n}" for n in range(51)]}, ["words"]),
        ({"item_type": "wish"}, ["item_type"]),
        ({"status": "gone"}, ["status"]),
    ],
)
def test_what_makes_no_sense_is_refused_at_its_field(account: Account, fields: dict[str, Any], at: list[str]) -> None:
    with pytest.raises(Invalid) as caught:
        rule_of(account, **fields)
    assert [problem.name for problem in caught.value.problems] == at
    assert TriageRule.objects.count() == 0


def test_people_must_be_able_to_open_the_items(account: Account, alice: Person, charlie: Person) -> None:
    with pytest.raises(Invalid) as caught:
        rule_of(account, people=[alice.user, charlie.user])
    assert [(each.name, each.message) for each in caught.value.problems] == [
        ("people", "Charlie cannot open items of this account.")
    ]


def test_a_place_of_another_account_is_refused(account: Account, other_account: Account) -> None:
    there = Location.objects.create(account=other_account, name="There")
    with pytest.raises(Invalid) as caught:
        rule_of(account, location=there)
    assert [problem.name for problem in caught.value.problems] == ["location"]


def test_a_label_of_another_account_is_refused(account: Account, other_account: Account) -> None:
    theirs = labels.create(account=other_account, name="Theirs", actor=actors.SYSTEM)
    with pytest.raises(Invalid) as caught:
        rule_of(account, labels=[theirs])
    assert [problem.name for problem in caught.value.problems] == ["labels"]


def test_an_update_writes_what_is_given(account: Account, alice: Person) -> None:
    rule = rule_of(account, words=["a"], people=[alice.user])
    editing.update(rule=rule, actor=alice.actor, name="New", words=[" b ", "b", ""])
    rule.refresh_from_db()
    assert (rule.name, rule.words, list(rule.people.all())) == ("New", ["b"], [alice.user])


def test_an_account_has_so_many_rules(account: Account, monkeypatch: Any) -> None:
    monkeypatch.setattr(editing, "MOST_RULES", 1)
    rule_of(account)
    with pytest.raises(LimitReached):
        rule_of(account)


def test_the_rule_of_every_account_stays(account: Account, alice: Person) -> None:
    editing.begin(account=account)
    with pytest.raises(Refused):
        editing.delete(rule=queries.rules_of(account).get(), actor=alice.actor)
    other = rule_of(account)
    editing.delete(rule=other, actor=alice.actor)
    assert names(account) == [queries.BUILT_IN_NAME]


def test_a_rule_of_another_account_is_not_found(account: Account, other_account: Account) -> None:
    rule = rule_of(account)
    assert queries.rule_for(account=account, id=rule.pk) == rule
    for id in (rule.pk, 2**70):
        with pytest.raises(NotFound):
            queries.rule_for(account=other_account, id=id)


@pytest.mark.parametrize(
    "values",
    [
        {"compare": "at_most", "field_type": "nps"},
        {"compare": "at_most", "bound": 1},
        {"compare": "unhappy", "bound": 1},
    ],
)
def test_a_bound_goes_with_a_comparison_on_one_scale_by_constraint(account: Account, values: dict[str, Any]) -> None:
    with pytest.raises(IntegrityError, match="rule_bound_iff_compared"), transaction.atomic():
        TriageRule.objects.create(account=account, position=1, name="x", signal="record", **values)
