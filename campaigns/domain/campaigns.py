"""Making campaigns, and what may be done with one: launch, pause, resume, cancel."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypedDict

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from accounts.domain import limits
from accounts.domain.actors import SYSTEM, Actor, acting
from accounts.models import Account
from campaigns.domain import audience as audiences
from campaigns.domain import cancelling, releasing, steps
from campaigns.domain.queries import campaigns as queries
from campaigns.domain.sender import wake
from campaigns.domain.steps import StepDraft
from campaigns.models import Campaign, Enrolment, Message, MessageTemplate
from crm.models import Location
from feedbackhub.errors import FieldProblem, Invalid, NotFound, Refused
from feedbackhub.texts import is_one_line

State = Campaign.State
Kind = Campaign.Kind
# What cannot change once people are in it.
FIXED_AT_LAUNCH = ("kind", "audience")


class CampaignFields(TypedDict, total=False):
    """What may be said about a campaign; absent is unchanged. `audience` is audience.Audience as JSON."""

    name: str
    kind: str
    goal: str
    locations: Sequence[Location]
    enters_on_add: bool
    reentry_days: int | None
    audience: dict[str, object]


def create(*, account: Account, fields: CampaignFields, steps: Sequence[StepDraft] = (), actor: Actor) -> Campaign:
    """A draft. Raises Invalid naming the fields, LimitReached when the account's campaigns are used up.

    Locations and the steps' templates are the account's own and alive.
    """
    with acting(actor), limits.locked(account) as current:
        limits.require_room(current, "max_campaigns", taken=queries.count_open(current))
        campaign = Campaign(account=current)
        _apply(campaign, fields)
        campaign.save()
        campaign.locations.set(fields.get("locations", ()))
        _put_steps(campaign, steps)
    return campaign


def update(
    *, campaign: Campaign, fields: CampaignFields, steps: Sequence[StepDraft] | None = None, actor: Actor
) -> Campaign:
    """Change what is given; `steps` replaces the whole sequence. What is scheduled already keeps its words and time.

    Raises Invalid; Refused for one that is over, or for what is fixed once it is launched.
    """
    with acting(actor), transaction.atomic():
        current = _locked(campaign)
        if not current.is_open:
            raise Refused("This campaign is over. Copy it to start anew.")
        before = {name: getattr(current, name) for name in fields if name != "locations"}
        _apply(current, fields)
        if current.state != State.DRAFT:
            _refuse_fixed(current, before)
        changed = [name for name, value in before.items() if getattr(current, name) != value]
        if changed:
            current.save(update_fields=[*changed, "updated_at"])
        if "locations" in fields:
            current.locations.set(fields["locations"])
        if steps is not None:
            _put_steps(current, steps)
    return current


def launch(*, campaign: Campaign, actor: Actor) -> Campaign:
    """People enter from now on. Twice is once. Raises Refused or Invalid with what is missing."""
    with acting(actor), limits.locked(campaign.account) as account:
        current = _locked(campaign)
        if current.state in (State.RUNNING, State.PAUSED):
            return current
        if current.state != State.DRAFT:
            raise Refused("This campaign is over. Copy it to start anew.")
        problems = what_is_missing(current, account=account)
        if problems:
            raise Invalid.many(problems)
        _move(current, State.RUNNING, launched_at=timezone.now())
        wake.campaigns()
    return current


def what_is_missing(campaign: Campaign, *, account: Account) -> list[FieldProblem]:
    """Why it cannot be launched as it stands."""
    problems = []
    if not account.active:
        problems.append(FieldProblem("account", "The account is inactive: activate it first."))
    found = queries.steps_of(campaign)
    if not found:
        problems.append(FieldProblem("steps", "Add a step: a campaign without one sends nothing."))
    if any(step.template.deleted_at for step in found):
        problems.append(FieldProblem("steps", "A step's template was deleted: choose another."))
    by_mail = any(step.template.channel == MessageTemplate.Channel.EMAIL for step in found)
    if by_mail and not account.postal_address.strip():
        problems.append(
            FieldProblem("account", "E-mail needs the account's postal address in its footer: set it first.")
        )
    if campaign.kind == Kind.ONE_OFF and not campaign.audience:
        problems.append(FieldProblem("audience", "Say who it is for."))
    places = list(campaign.locations.all())
    if places and all(place.deleted_at for place in places):
        problems.append(FieldProblem("locations", "Its locations were deleted: choose others."))
    return problems


def pause(*, campaign: Campaign, actor: Actor) -> Campaign:
    """Nothing more is sent; what is scheduled is held, and nobody loses their place. Twice is once."""
    with acting(actor), transaction.atomic():
        current = _locked(campaign)
        if current.state == State.PAUSED:
            return current
        if current.state != State.RUNNING:
            raise Refused("Only a running campaign can be paused.")
        _move(current, State.PAUSED, paused_at=timezone.now())
        releasing.hold(campaign=current)
    return current


def resume(*, campaign: Campaign, actor: Actor) -> Campaign:
    """Goes on where it was paused; what was missed goes out one after the other. Twice is once."""
    with acting(actor), transaction.atomic():
        current = _locked(campaign)
        if current.state == State.RUNNING:
            return current
        if current.state != State.PAUSED:
            raise Refused("Only a paused campaign can be resumed.")
        _move(current, State.RUNNING, paused_at=None)
        releasing.release(campaign=current)
        wake.campaigns()
    return current


def cancel(*, campaign: Campaign, actor: Actor, why: str = "The campaign was cancelled.") -> Campaign:
    """For good: everybody leaves it and nothing scheduled is sent. Twice is once."""
    with acting(actor), transaction.atomic():
        current = _locked(campaign)
        if current.state == State.CANCELLED:
            return current
        if current.state == State.ENDED:
            raise Refused("This campaign has ended already.")
        _move(current, State.CANCELLED, paused_at=None, ended_at=timezone.now())
        cancelling.take_out(Enrolment.objects.filter(campaign=current), why=why)
    return current


def move(*, campaign: Campaign, state: str, actor: Actor) -> Campaign:
    """Bring it to a state by the verb that leads there. Raises as the verb, Invalid for a state that none leads to."""
    if state == State.RUNNING:
        verb = resume if campaign.state == State.PAUSED else launch
    elif state in (State.PAUSED, State.CANCELLED):
        verb = pause if state == State.PAUSED else cancel
    else:
        raise Invalid("Must be running, paused or cancelled.", field="state")
    return verb(campaign=campaign, actor=actor)


def end_finished() -> int:
    """One-off campaigns whose whole audience is through; ongoing ones end by hand. How many."""
    of_it = {"state": Enrolment.State.ACTIVE, "campaign": OuterRef("pk")}
    sending = [Message.State.SCHEDULED, Message.State.LEASED]
    waiting = Message.objects.filter(state__in=sending, campaign_step__campaign=OuterRef("pk"))
    running = Campaign.objects.filter(state=State.RUNNING, kind=Kind.ONE_OFF, expanded_at__isnull=False)
    through = running.exclude(Exists(Enrolment.objects.filter(**of_it))).exclude(Exists(waiting))
    now = timezone.now()
    with acting(SYSTEM):
        return through.update(state=State.ENDED, ended_at=now, updated_at=now)


def cancel_for_account(*, account: Account) -> None:
    """The account was deleted."""
    for campaign in Campaign.objects.for_account(account).open().order_by("pk"):
        cancel(campaign=campaign, actor=SYSTEM, why="The account was deleted.")


def stop_for_location(*, location: Location) -> None:
    """The location was deleted: everybody at it leaves, and a campaign that was for it alone is over."""
    here = Enrolment.objects.filter(location=location)
    cancelling.take_out(here, why="The location was deleted.")
    for campaign in Campaign.objects.open().filter(locations=location).prefetch_related("locations").order_by("pk"):
        if all(place.deleted_at for place in campaign.locations.all()):
            cancel(campaign=campaign, actor=SYSTEM, why="Its locations were deleted.")


def copy(
    *, campaign: Campaign, account: Account, actor: Actor, templates: dict[int, MessageTemplate] | None = None
) -> Campaign:
    """A draft like it. In another account (`templates` then maps theirs to its own) it is for every location."""
    mine = campaign.account_id == account.pk
    fields = CampaignFields(
        name=f"{campaign.name[:190]} (copy)" if mine else campaign.name,
        kind=campaign.kind,
        goal=campaign.goal,
        enters_on_add=campaign.enters_on_add,
        reentry_days=campaign.reentry_days,
        audience=campaign.audience if mine else {},
        locations=[place for place in campaign.locations.all() if not place.deleted_at] if mine else [],
    )
    drafts = [steps.draft_of(step, templates) for step in queries.steps_of(campaign)]
    return create(account=account, fields=fields, steps=[draft for draft in drafts if draft], actor=actor)


def _put_steps(campaign: Campaign, drafts: Sequence[StepDraft]) -> None:
    if steps.replace(campaign=campaign, drafts=drafts) and campaign.state != State.DRAFT:
        releasing.look_again(campaign=campaign)


def _apply(campaign: Campaign, fields: CampaignFields) -> None:
    problems = []
    for name in ("kind", "goal", "enters_on_add", "reentry_days"):
        if name in fields:
            setattr(campaign, name, fields[name])
    campaign.name = str(fields.get("name", campaign.name)).strip()
    if not 0 < len(campaign.name) <= 200 or not is_one_line(campaign.name):
        problems.append(FieldProblem("name", "Give a name of at most 200 characters on one line."))
    if campaign.kind not in Kind.values:
        problems.append(FieldProblem("kind", f"Must be one of: {', '.join(Kind.values)}."))
    if campaign.goal not in Campaign.Goal.values:
        problems.append(FieldProblem("goal", f"Must be one of: {', '.join(Campaign.Goal.values)}."))
    days = campaign.reentry_days
    if days is not None and not (type(days) is int and 1 <= days <= 3650):
        problems.append(FieldProblem("reentry_days", "Must be 1 to 3650 days, or nothing for never."))
    if fields.get("audience"):
        if campaign.kind != Kind.ONE_OFF:
            problems.append(FieldProblem("audience", "Only a one-off campaign has an audience."))
        else:
            campaign.audience = audiences.parse(fields["audience"]).as_json()
    elif "audience" in fields:
        campaign.audience = {}
    if any(place.account_id != campaign.account_id for place in fields.get("locations", ())):
        raise NotFound("No such location.")
    if problems:
        raise Invalid.many(problems)


def _refuse_fixed(campaign: Campaign, before: dict[str, object]) -> None:
    for name in FIXED_AT_LAUNCH:
        if name in before and getattr(campaign, name) != before[name]:
            raise Invalid("Cannot change once the campaign is launched: copy it instead.", field=name)


def _locked(campaign: Campaign) -> Campaign:
    return Campaign.objects.select_for_update(no_key=True, of=("self",)).select_related("account").get(pk=campaign.pk)


def _move(campaign: Campaign, state: str, **times: object) -> None:
    campaign.state = state
    for name, value in times.items():
        setattr(campaign, name, value)
    campaign.save(update_fields=["state", *times, "updated_at"])
