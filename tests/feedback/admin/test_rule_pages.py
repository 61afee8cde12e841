"""The pages of triage rules: the list with its buttons, the form, and the dry run beside it."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from accounts.models import Account, Job
from crm.models import Location
from feedback.domain.queries import rules as queries
from feedback.models import FeedbackItem, TriageRule
from tests.conftest import Person
from tests.feedback.domain.rules.making import rule_of, store

pytestmark = pytest.mark.django_db
ADD = reverse("admin:feedback_triagerule_add")
LIST = reverse("admin:feedback_triagerule_changelist")


def page(rule: TriageRule) -> str:
    return reverse("admin:feedback_triagerule_change", args=[rule.pk])


def do(rule: TriageRule, verb: str) -> str:
    return reverse(f"admin:feedback_triagerule_{verb}", args=[rule.pk])


def form(**given: Any) -> dict[str, Any]:
    return {
        "name": "Detractors",
        "signal": "record",
        "compare": "at_most",
        "bound": "6",
        "field_type": "nps",
        "item_type": "complaint",
        "status": "new",
        "enabled": "on",
        **given,
    }


def test_a_rule_is_written_as_a_sentence(account: Account, alice: Person, bob: Person) -> None:
    place = Location.objects.create(account=account, name="Main Street")
    sent = form(
        words="refund\r\n money back ",
        has_words="on",
        location=place.public_id,
        people=[bob.user.public_id],
        area="Till",
        language="de",
        source_type="survey",
        tenant_id="t1",
        contract="hub",
    )
    answer = alice.signed_in().post(ADD, sent)
    rule = queries.rules_of(account).get()
    assert (answer.status_code, answer["Location"]) == (302, page(rule))
    stored = {name: getattr(rule, name) for name in ("name", "signal", "contract", "compare", "bound", "field_type")}
    assert stored == {
        "name": "Detractors",
        "signal": "record",
        "contract": "hub",
        "compare": "at_most",
        "bound": 6.0,
        "field_type": "nps",
    }
    assert (rule.words, rule.has_words, rule.location, rule.area) == (["refund", "money back"], True, place, "Till")
    assert (rule.language, rule.source_type, rule.tenant_id) == ("de", "survey", "t1")
    assert list(rule.people.all()) == [bob.user]

    listed = alice.signed_in().get(LIST).content.decode()
    assert "When a record that comes by API (Hub) scores at most 6 on NPS, with words" in listed
    assert "make it a complaint in Till." in listed


def test_what_is_refused_is_said_at_its_field_and_kept(alice: Person) -> None:
    text = alice.signed_in().post(ADD, form(bound="", name="Kept")).content.decode()
    assert "Say which score." in text
    assert 'value="Kept"' in text
    assert TriageRule.objects.count() == 0


def test_trying_stores_nothing_and_shows_what_it_would_have_made(account: Account, alice: Person) -> None:
    for n, score in enumerate((1, 6, 9)):
        store(account, submission=f"s{n}", value_number=score)
    text = alice.signed_in().post(ADD, form(**{"try": "1"})).content.decode()
    assert '<span class="hub-tile-number">2</span> items of 3 answers' in text
    assert "NPS 6 of 10, without words" in text
    assert (TriageRule.objects.count(), FeedbackItem.objects.count()) == (0, 0)


def test_trying_a_stored_rule_leaves_it_as_it_is(account: Account, alice: Person) -> None:
    rule = rule_of(account, compare="unhappy")
    store(account, value_number=9)
    text = alice.signed_in().post(page(rule), form(compare="happy", bound="", **{"try": "1"})).content.decode()
    assert '<span class="hub-tile-number">1</span> item of 1 answer' in text
    rule.refresh_from_db()
    assert (rule.name, rule.compare) == ("A rule", "unhappy")


def test_changing_a_rule(account: Account, alice: Person) -> None:
    rule = rule_of(account, compare="unhappy", words=["a"])
    assert alice.signed_in().post(page(rule), form(enabled="")).status_code == 302
    rule.refresh_from_db()
    assert (rule.name, rule.compare, rule.words, rule.enabled) == ("Detractors", "at_most", [], False)


def test_the_buttons_of_the_list(account: Account, alice: Person) -> None:
    second, first = rule_of(account, name="second"), rule_of(account, name="first")
    hers = alice.signed_in()
    for verb in ("up", "off"):
        assert hers.post(do(second, verb)).status_code == 302
    assert [(rule.name, rule.enabled) for rule in queries.rules_of(account)] == [("second", False), ("first", True)]
    for verb in ("down", "on"):
        hers.post(do(second, verb))
    assert [(rule.name, rule.enabled) for rule in queries.rules_of(account)] == [("first", True), ("second", True)]
    assert hers.get(do(first, "up")).status_code == 405


def test_making_them_now_is_a_job(account: Account, alice: Person) -> None:
    rule = rule_of(account, compare="unhappy")
    assert alice.signed_in().post(do(rule, "make")).status_code == 302
    assert list(Job.objects.values_list("account", "kind", "state")) == [(account.pk, "feedback.make_items", "waiting")]


def test_the_team_reads_rules_and_owners_write_them(account: Account, alice: Person, bob: Person) -> None:
    rule = rule_of(account)
    his = bob.signed_in()
    read = his.get(page(rule)).content.decode()
    assert (his.get(LIST).status_code, "Try it" in read, "Make these items now" in read) == (200, True, False)
    assert ">Save<" not in read
    refused = [his.post(path, form()).status_code for path in (ADD, page(rule), do(rule, "off"), do(rule, "make"))]
    assert refused == [403, 403, 403, 403]


def test_nobody_elses_rule_is_there(account: Account, charlie: Person) -> None:
    rule = rule_of(account)
    theirs = charlie.signed_in()
    assert theirs.post(do(rule, "off")).status_code == 404
    assert theirs.post(page(rule), form()).status_code in (302, 404)
    rule.refresh_from_db()
    assert (rule.enabled, rule.name) == (True, "A rule")


def test_whoever_left_is_named(account: Account, alice: Person, bob: Person) -> None:
    rule = rule_of(account, people=[bob.user])
    bob.user.is_active = False
    bob.user.save()
    assert "Bob can no longer open items here and is passed over." in alice.signed_in().get(page(rule)).content.decode()
