"""The form that a rule is written with: a sentence of plain HTML, works without JavaScript."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.http import QueryDict

from accounts.domain.queries import colleagues
from accounts.models import Account
from crm.domain.queries import locations
from feedback.domain.queries import labels
from feedback.domain.rules.editing import RuleFields
from feedback.domain.sla import settings
from feedback.models import FeedbackItem, FeedbackRecord, TriageRule
from feedbackhub.errors import HubError

ANY = [("", "any")]
# The form's fields as the sentence takes them; whatever is not named here stands below it.
WHEN = ("signal", "contract", "compare", "bound", "field_type")
AND = ("has_words", "words", "location", "language", "source_type", "tenant_id")
# Fields that hold something else than the rule does.
DIFFERENT = ("words", "location", "sla_target", "labels", "people")
THEN = ("item_type", "area", "status", "labels", "sla_target", "people")


class RuleForm(forms.Form):
    name = forms.CharField(max_length=100, strip=True)
    signal = forms.ChoiceField(choices=TriageRule.Signal.choices, label="When")
    contract = forms.ChoiceField(
        choices=[*ANY, *FeedbackRecord.Contract.choices], required=False, label="that comes by"
    )
    compare = forms.ChoiceField(choices=TriageRule.Compare.choices, required=False, label="and it")
    bound = forms.FloatField(required=False, label="this score")
    field_type = forms.ChoiceField(
        choices=[*ANY, *FeedbackRecord.FieldType.choices],
        required=False,
        label="on",
        help_text="A score needs its kind: seven is bad on one scale and perfect on another. Unhappy is NPS to 6, "
        "stars and CES to 3, CSAT to 2; the inbox's filter by score also calls a CSAT of 3 bad.",
    )
    has_words = forms.BooleanField(required=False, label="and has words")
    words = forms.CharField(
        required=False,
        label="mentioning any of",
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="One a line, in any case; also within longer words.",
    )
    location = forms.ChoiceField(required=False, label="at")
    language = forms.CharField(required=False, max_length=10, label="in the language", help_text="A code, such as de.")
    source_type = forms.CharField(required=False, max_length=255, label="from sources of type")
    tenant_id = forms.CharField(required=False, max_length=255, label="of tenant")
    item_type = forms.ChoiceField(choices=FeedbackItem.Type.choices, label="make it a")
    area = forms.CharField(required=False, max_length=200, label="in the area")
    status = forms.ChoiceField(choices=FeedbackItem.Status.choices, label="with the status")
    sla_target = forms.ChoiceField(required=False, label="with the service target")
    labels = forms.MultipleChoiceField(required=False, widget=forms.CheckboxSelectMultiple, label="with the labels")
    people = forms.MultipleChoiceField(
        required=False,
        widget=forms.CheckboxSelectMultiple,
        label="and give it to",
        help_text="Several take turns; nobody ticked: nobody's.",
    )
    enabled = forms.BooleanField(required=False, label="This rule is on", initial=True)


class Builder:
    """The form of a rule, stored or new, from its row or from what was posted."""

    def __init__(self, account: Account, rule: TriageRule | None, data: QueryDict | None = None) -> None:
        self.rule = rule
        self.places = {place.public_id: place for place in locations.locations_of(account).order_by("name", "pk")}
        self.people = {person.public_id: person for person in colleagues.who_can_open(account=account)}
        self.targets = {str(target.pk): target for target in settings.targets_of(account)}
        initial = _initial(rule) if rule is not None else {"has_words": True, "item_type": "complaint"}
        self.form = RuleForm(data, initial=initial)
        self._choose("location", [("", "any location"), *((id, place.name) for id, place in self.places.items())])
        self._choose("sla_target", [("", "the usual one"), *((id, str(each)) for id, each in self.targets.items())])
        self.labels = {str(label.pk): label for label in labels.of_account(account=account)}
        self._choose("labels", [(id, str(label)) for id, label in self.labels.items()])
        self._choose("people", [(id, str(person)) for id, person in self.people.items()])

    @property
    def parts(self) -> list[tuple[str, list[forms.BoundField]]]:
        return [(title, [self.form[name] for name in names]) for title, names in self._titles()]

    def _titles(self) -> list[tuple[str, tuple[str, ...]]]:
        return [("When", WHEN), ("And", AND), ("Then", THEN)]

    def is_valid(self) -> bool:
        return self.form.is_valid()

    def fields(self) -> RuleFields:
        given = dict(self.form.cleaned_data)
        given["words"] = given["words"].splitlines()
        given["location"] = self.places.get(given["location"])
        given["sla_target"] = self.targets.get(given["sla_target"])
        given["labels"] = [self.labels[id] for id in given["labels"]]
        given["people"] = [self.people[id] for id in given["people"]]
        return cast("RuleFields", given)

    def say(self, error: HubError) -> None:
        """What the domain refused, at the field it is about."""
        for problem in error.problems:
            self.form.add_error(problem.name if problem.name in self.form.fields else None, problem.message)
        if not error.problems:
            self.form.add_error(None, error.message)

    def _choose(self, name: str, choices: list[tuple[str, str]]) -> None:
        self.form.fields[name].choices = choices  # type: ignore[attr-defined]


def _initial(rule: TriageRule) -> dict[str, Any]:
    same = {name: getattr(rule, name) for name in RuleForm.base_fields if name not in DIFFERENT}
    return {
        **same,
        "words": "\n".join(rule.words),
        "location": rule.location.public_id if rule.location else "",
        "sla_target": str(rule.sla_target_id or ""),
        "labels": [str(label.pk) for label in rule.labels.all()],
        "people": [person.public_id for person in rule.people.all()],
    }
