"""The form a campaign is built with: plain HTML, works without JavaScript, one fieldset a step."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import QueryDict

from accounts.models import Account
from campaigns.domain.campaigns import CampaignFields
from campaigns.domain.queries import campaigns as queries
from campaigns.domain.queries import requests
from campaigns.domain.steps import MOST, StepDraft
from campaigns.models import Campaign, Step
from campaigns.models.campaign import EVERY_DAY
from crm.domain.queries import locations
from feedbackhub.errors import HubError

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
BLANK_STEP = {"delay_days": 0, "delay_minutes": 0, "delay_from": "entry", "weekdays": [str(bit) for bit in range(7)]}
# What the buttons of the form do besides saving.
ADD, REMOVE, UP, DOWN = "add", "remove", "up", "down"


class CampaignForm(forms.Form):
    name = forms.CharField(max_length=200, strip=True)
    goal = forms.ChoiceField(
        choices=Campaign.Goal.choices, help_text="Whoever reaches it gets nothing more of this campaign."
    )
    locations = forms.MultipleChoiceField(
        required=False, widget=forms.CheckboxSelectMultiple, help_text="None ticked: all locations."
    )
    enters_on_add = forms.BooleanField(required=False, label="People enter as they are added to a location")
    reentry_days = forms.IntegerField(
        required=False,
        min_value=1,
        max_value=3650,
        label="Days before somebody may enter again",
        help_text="Blank: never. Being added again never counts as entering.",
    )


class AudienceForm(forms.Form):
    """A one-off campaign's; field names are those of the audience."""

    kind = forms.ChoiceField(
        choices=(("filter", "Everybody whom the filter leaves"), ("list", "The people listed")), label="Who"
    )
    country_code = forms.CharField(required=False, max_length=2, label="Country", help_text="Two letters, such as AT.")
    language = forms.CharField(required=False, max_length=10, help_text="A code, such as de.")
    added_from = forms.DateField(required=False, widget=forms.DateInput(attrs={"type": "date"}))
    added_to = forms.DateField(required=False, widget=forms.DateInput(attrs={"type": "date"}))
    not_asked_for_days = forms.IntegerField(
        required=False, min_value=0, max_value=3650, label="Not asked for so many days"
    )
    people = forms.CharField(
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        label="List",
        help_text="Ids, e-mail addresses or mobile numbers with +, one a line.",
    )


class StepForm(forms.Form):
    id = forms.CharField(required=False, widget=forms.HiddenInput)
    template = forms.ChoiceField()
    delay_days = forms.IntegerField(min_value=0, max_value=365, label="Days", help_text="At the same time of day.")
    delay_minutes = forms.IntegerField(min_value=0, max_value=1439, label="Plus minutes")
    delay_from = forms.ChoiceField(choices=Step.DelayFrom.choices, label="Counted")
    window_start = forms.TimeField(required=False, widget=forms.TimeInput(attrs={"type": "time"}), label="Not before")
    window_end = forms.TimeField(required=False, widget=forms.TimeInput(attrs={"type": "time"}), label="Not after")
    weekdays = forms.MultipleChoiceField(
        choices=[(str(bit), name) for bit, name in enumerate(DAYS)],
        widget=forms.CheckboxSelectMultiple,
        label="Days of the week",
    )


class Builder:
    """The forms of one campaign, from its rows or from what was posted."""

    def __init__(self, campaign: Campaign, data: QueryDict | None = None) -> None:
        self.campaign = campaign
        account: Account = campaign.account
        self.places = {place.public_id: place for place in locations.locations_of(account).order_by("name", "pk")}
        self.templates = {template.public_id: template for template in requests.templates_of(account)}
        self.main = CampaignForm(data, initial=self._initial())
        self.main.fields["locations"].choices = [(id, place.name) for id, place in self.places.items()]  # type: ignore[attr-defined]
        self.audience = (
            AudienceForm(data, prefix="audience", initial=_audience_initial(campaign)) if self.one_off else None
        )
        if self.one_off:
            del self.main.fields["enters_on_add"], self.main.fields["reentry_days"]
        count = _count(data) if data is not None else None
        stored = [_step_initial(step) for step in queries.steps_of(campaign)] if data is None else []
        number = len(stored) if count is None else count
        self.steps = [
            self._step(index, data, stored[index] if index < len(stored) else None) for index in range(number)
        ]
        if data is None and not stored:
            self.steps = [self._step(0, None, BLANK_STEP)]

    @property
    def one_off(self) -> bool:
        return self.campaign.kind == Campaign.Kind.ONE_OFF

    def pressed(self, data: QueryDict) -> bool:
        """Whether a button was pressed that only rearranges the steps; then they are rearranged."""
        word, _, number = data.get("rearrange", "").partition(":")
        index = int(number) if number.isascii() and number.isdigit() else -1
        values = [self._raw(step) for step in self.steps]
        if word == ADD and len(values) < MOST:
            values.append(dict(BLANK_STEP))
        elif word == REMOVE and 0 <= index < len(values):
            values.pop(index)
        elif word == UP and 0 < index < len(values):
            values[index - 1], values[index] = values[index], values[index - 1]
        elif word == DOWN and 0 <= index < len(values) - 1:
            values[index + 1], values[index] = values[index], values[index + 1]
        elif not word:
            return False
        self.steps = [self._step(number, None, each) for number, each in enumerate(values)]
        self.main.is_bound = False
        self.main.initial = {name: self._given(self.main, name) for name in self.main.fields}
        if self.audience is not None:
            self.audience.is_bound = False
            self.audience.initial = {name: self._given(self.audience, name) for name in self.audience.fields}
        return True

    def is_valid(self) -> bool:
        every = [self.main, *self.steps, *([self.audience] if self.audience is not None else [])]
        # Each of them, so that everything at fault is said at once.
        return not [each for each in every if not each.is_valid()]

    def fields(self) -> CampaignFields:
        given = self.main.cleaned_data
        fields = CampaignFields(
            name=given["name"],
            goal=given["goal"],
            locations=[self.places[id] for id in given["locations"]],
        )
        if self.audience is None:
            fields["enters_on_add"] = given["enters_on_add"]
            fields["reentry_days"] = given["reentry_days"]
        else:
            fields["audience"] = _audience(self.audience.cleaned_data)
        return fields

    def drafts(self) -> list[StepDraft]:
        return [self._draft(step.cleaned_data) for step in self.steps]

    def say(self, error: HubError) -> None:
        """What the domain refused, at the field it is about."""
        for problem in error.problems:
            first, _, rest = problem.name.partition(".")
            number, _, name = rest.partition(".")
            if first == "steps" and number.isdigit() and int(number) <= len(self.steps):
                step = self.steps[int(number) - 1]
                step.add_error(name if name in step.fields else None, problem.message)
            elif first == "audience" and self.audience is not None:
                self.audience.add_error(None, problem.message)
            else:
                self.main.add_error(first if first in self.main.fields else None, problem.message)
        if not error.problems:
            self.main.add_error(None, error.message)

    def _step(self, index: int, data: QueryDict | None, initial: dict[str, Any] | None) -> StepForm:
        form = StepForm(data, prefix=f"step{index}", initial=initial)
        form.fields["template"].choices = [  # type: ignore[attr-defined]
            (id, f"{template.get_channel_display()}: {template.name}") for id, template in self.templates.items()
        ]
        return form

    def _raw(self, form: StepForm) -> dict[str, Any]:
        return {name: self._given(form, name) for name in form.fields}

    @staticmethod
    def _given(form: forms.Form, name: str) -> Any:
        field = form.fields[name]
        return field.widget.value_from_datadict(form.data, form.files, form.add_prefix(name))

    def _draft(self, given: dict[str, Any]) -> StepDraft:
        return StepDraft(
            template=self.templates[given["template"]],
            delay_days=given["delay_days"],
            delay_minutes=given["delay_minutes"],
            delay_from=given["delay_from"],
            window_start=given["window_start"],
            window_end=given["window_end"],
            weekdays=sum(1 << int(bit) for bit in given["weekdays"]),
            id=given["id"],
        )

    def _initial(self) -> dict[str, Any]:
        campaign = self.campaign
        return {
            "name": campaign.name,
            "goal": campaign.goal,
            "locations": [place.public_id for place in campaign.locations.all()],
            "enters_on_add": campaign.enters_on_add,
            "reentry_days": campaign.reentry_days,
        }


def _count(data: QueryDict) -> int:
    given = data.get("steps", "0")
    return min(int(given), MOST) if given.isascii() and given.isdigit() else 0


def _step_initial(step: Step) -> dict[str, Any]:
    return {
        "id": step.public_id,
        "template": step.template.public_id,
        "delay_days": step.delay_days,
        "delay_minutes": step.delay_minutes,
        "delay_from": step.delay_from,
        "window_start": step.window_start,
        "window_end": step.window_end,
        "weekdays": [str(bit) for bit in range(7) if (step.weekdays or EVERY_DAY) >> bit & 1],
    }


def _audience_initial(campaign: Campaign) -> dict[str, Any]:
    given = dict(campaign.audience)
    return {**given, "people": "\n".join(given.get("people", []))}


def _audience(given: dict[str, Any]) -> dict[str, object]:
    days = {name: given[name].isoformat() if given[name] else "" for name in ("added_from", "added_to")}
    return {**given, **days, "not_asked_for_days": given["not_asked_for_days"] or 0}
