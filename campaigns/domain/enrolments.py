"""People entering a campaign, and what ends their way through it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from accounts.domain.actors import Actor
from campaigns.domain import audience, cancelling, timing
from campaigns.domain.queries import campaigns as queries
from campaigns.domain.sender import wake
from campaigns.models import Campaign, Enrolment, FeedbackRequest, Step
from crm.models import Customer, CustomerLocation, Location
from feedbackhub.errors import Refused
from reviews.models import Review

State = Enrolment.State
Entered = Enrolment.Entered

CHUNK = 500
RELATED = ("campaign", "customer", "location")


def enrol(*, campaign: Campaign, customer: Customer, actor: Actor, location: Location | None = None) -> Enrolment:
    """One person enters now; who is under way in it stays as they are. Refused for whom or where it is not open.

    `location` is where they are asked about; left out, it is theirs that the campaign is for.
    """
    # As it is now, not as it was when the caller looked.
    campaign = Campaign.objects.select_related("account").get(pk=campaign.pk)
    _require_open(campaign)
    places = _places(campaign, [location] if location else list(customer.locations.filter(deleted_at=None)))
    if not places:
        raise Refused("This customer is at none of the campaign's locations.", field="customer")
    earlier = _earlier(campaign, customer)
    under_way = next((run for run in earlier if run.state == State.ACTIVE), None)
    if under_way is not None:
        return under_way
    _require_entry(campaign, earlier)
    steps = queries.steps_of(campaign)
    made = _new(campaign, customer, places[0], steps, entry=len(earlier) + 1, now=timezone.now())
    made.entered_by = Entered.STAFF if actor.kind == "user" else Entered.CALLER
    try:
        with transaction.atomic():
            made.save()
    except IntegrityError:
        # Somebody else's call was first.
        return Enrolment.objects.select_related(*RELATED).get(campaign=campaign, customer=customer, entry=made.entry)
    wake.campaigns()
    return made


def enrol_added(*, customer: Customer, locations: Sequence[Location]) -> None:
    """Somebody was added to locations: they enter what is open for them and what they were never in before.

    Also after a delete, and however long ago: being added again re-enters nothing.
    """
    campaigns = Campaign.objects.for_account(customer.account_id).filter(
        state__in=[Campaign.State.RUNNING, Campaign.State.PAUSED], kind=Campaign.Kind.ONGOING, enters_on_add=True
    )
    before = Enrolment.objects.filter(campaign=OuterRef("pk"), customer=customer)
    for campaign in campaigns.exclude(Exists(before)).select_related("account").order_by("pk"):
        places = _places(campaign, locations)
        steps = queries.steps_of(campaign)
        if places and steps:
            made = _new(campaign, customer, places[0], steps, entry=1, now=timezone.now())
            made.entered_by = Entered.ADDED
            Enrolment.objects.bulk_create([made], ignore_conflicts=True)
            wake.campaigns()


def expand(*, campaign: Campaign) -> int:
    """The next chunk of a one-off campaign's audience enters; how many people were looked at. The campaign is locked,
    and where it got to is committed with the people."""
    steps, now = queries.steps_of(campaign), timezone.now()
    people = list(audience.people_of(campaign).filter(pk__gt=campaign.expanded_to).order_by("pk")[:CHUNK])
    places = _places_of(campaign, people)
    rows = [_new(campaign, person, places[person.pk], steps, entry=1, now=now) for person in people]
    for row in rows:
        row.entered_by = Entered.AUDIENCE
    Enrolment.objects.bulk_create(rows, ignore_conflicts=True)
    if people:
        campaign.expanded_to = people[-1].pk
    if len(people) < CHUNK:
        campaign.expanded_at = now
    campaign.save(update_fields=["expanded_to", "expanded_at"])
    return len(people)


def trial(*, campaign: Campaign, people: list[Customer], now: datetime) -> list[Enrolment]:
    """How they would enter now; not stored."""
    steps, places = queries.steps_of(campaign), _places_of(campaign, people)
    here = [person for person in people if person.pk in places]
    return [_new(campaign, person, places[person.pk], steps, entry=1, now=now) for person in here]


def answered(*, request: FeedbackRequest) -> None:
    """The person answered: where that is the goal, nothing more of the campaign is sent to them."""
    if request.enrolment_id is None:
        return
    rows = Enrolment.objects.filter(pk=request.enrolment_id, campaign__goal=Campaign.Goal.ANSWER)
    _reach(rows, "They answered.")


def review_found(*, review: Review) -> None:
    """A review by somebody who is in a campaign that asks for one, told by the record's customer or by the name."""
    rows = Enrolment.objects.for_account(review.account_id).filter(
        campaign__goal=Campaign.Goal.REVIEW,
        location=review.location_id,
        state__in=[State.ACTIVE, State.COMPLETED],
        entered_at__lte=review.created_at,
    )
    author = review.record.customer_id if review.record else None
    about = Q(customer=author) if author is not None else Q(pk=None)
    name = " ".join((review.reviewer_name or "").split())
    fname, _, sname = name.partition(" ")
    if fname and sname:
        initial = len(sname.rstrip(".")) == 1
        surname = Q(customer__sname__istartswith=sname[0]) if initial else Q(customer__sname__iexact=sname)
        about |= Q(customer__fname__iexact=fname) & surname
    _reach(rows.filter(about), "They left a review.")


def _reach(rows: object, why: str) -> None:
    """Also those who are through: whoever answers after the last step has answered."""
    found = list(rows.values_list("pk", flat=True))  # type: ignore[attr-defined]
    if found:
        cancelling.take_out(Enrolment.objects.filter(pk__in=found), why=why, state=State.REACHED)
        Enrolment.objects.filter(pk__in=found, state=State.COMPLETED).update(state=State.REACHED, why_ended=why)


def _require_open(campaign: Campaign) -> None:
    if campaign.state not in (Campaign.State.RUNNING, Campaign.State.PAUSED):
        said = "has not been launched" if campaign.state == Campaign.State.DRAFT else "is over"
        raise Refused(f"This campaign {said}.", field="campaign")
    if not campaign.account.active:
        raise Refused("The account is inactive.", field="campaign")


def _earlier(campaign: Campaign, customer: Customer) -> list[Enrolment]:
    """Also as somebody who was merged into them: what a person may have once stayed there."""
    who = Q(customer=customer) | Q(customer__merged_into=customer)
    rows = Enrolment.objects.filter(who, campaign=campaign).select_related(*RELATED)
    return list(rows.order_by("entered_at", "pk"))


def _require_entry(campaign: Campaign, earlier: list[Enrolment]) -> None:
    if not earlier:
        return
    last = earlier[-1]
    if campaign.kind == Campaign.Kind.ONE_OFF or campaign.reentry_days is None:
        raise Refused("This customer was in the campaign, and nobody enters it twice.", field="customer")
    again = last.entered_at + timedelta(days=campaign.reentry_days)
    if timezone.now() < again:
        raise Refused(
            f"This customer was in the campaign and may enter again from {again:%Y-%m-%d %H:%M} UTC.",
            field="customer",
            details={"next_eligible_at": again.isoformat()},
        )


def _new(
    campaign: Campaign, customer: Customer, location: Location, steps: list[Step], *, entry: int, now: datetime
) -> Enrolment:
    if not steps:
        raise Refused("This campaign has no step.", field="campaign")
    made = Enrolment(
        account_id=campaign.account_id,
        campaign=campaign,
        customer=customer,
        location=location,
        entry=entry,
        entered_at=now,
        next_step=steps[0],
    )
    zone = timing.zone_of(customer=customer, location=location)
    made.next_at = timing.due(enrolment=made, step=steps[0], before=None, zone=zone)
    return made


def _places(campaign: Campaign, locations: Sequence[Location]) -> list[Location]:
    """Those of the locations that the campaign is for."""
    own = {place.pk for place in campaign.locations.all()}
    alive = [place for place in locations if place.deleted_at is None and place.account_id == campaign.account_id]
    return [place for place in alive if not own or place.pk in own]


def _places_of(campaign: Campaign, people: list[Customer]) -> dict[int, Location]:
    """Each person's first location that the campaign is for, in one query."""
    links = CustomerLocation.objects.filter(customer__in=people, location__deleted_at=None).select_related("location")
    own = {place.pk for place in campaign.locations.all()}
    found: dict[int, Location] = {}
    for link in links.order_by("pk"):
        if not own or link.location_id in own:
            link.location.account = campaign.account
            found.setdefault(link.customer_id, link.location)
    return found
