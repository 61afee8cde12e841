"""Lumen Coffee: three cafés that ask their guests, with answers and public reviews over half a year."""

from __future__ import annotations

from campaigns.demo import words
from campaigns.demo.people import populate
from campaigns.demo.stage import Stage, backdate
from crm.domain import locations
from crm.models import Customer, Location
from feedback.domain import responses, triage
from feedback.models import FeedbackItem, Response
from reviews.domain import profiles, reviews

PLACES = (
    ("Lumen Harbour", "14 Pier Lane", "Portland", "OR", "97201", 0.8),
    ("Lumen Market Hall", "3 Market Square", "Portland", "OR", "97204", 0.65),
    ("Lumen Station", "1 Union Station", "Seattle", "WA", "98101", 0.4),
)
PROFILES = (
    "https://www.google.com/maps/place/{slug}",
    "https://www.tripadvisor.com/Restaurant_Review-{slug}.html",
    "https://www.yelp.com/biz/{slug}",
)
STATUSES = ("new", "new", "new", "reviewed", "reviewed", "in_progress", "closed", "ignored")


def open_cafes(stage: Stage) -> list[tuple[Location, float]]:
    """The cafés with their review pages; the number is how happy their guests are."""
    cafes = []
    for name, street, city, state, postal_code, mood in PLACES:
        fields = locations.LocationFields(
            name=name,
            address_line_1=street,
            address_line_2=city,
            address_line_3=state,
            postal_code=postal_code,
            country_code="US",
            time_zone="America/Los_Angeles",
        )
        cafe = locations.create(account=stage.account, fields=fields, actor=stage.actor)
        for url in PROFILES:
            slug = name.lower().replace(" ", "-")
            profiles.add(account=stage.account, location=cafe, url=url.format(slug=slug), actor=stage.actor)
        cafes.append((cafe, mood))
    return cafes


def play(stage: Stage, *, guests: int = 170, answers: int = 420, public_reviews: int = 60) -> list[Customer]:
    """Everything that happened; the guests are returned for the requests."""
    cafes = open_cafes(stage)
    people = populate(stage, count=guests, locations=[cafe for cafe, _ in cafes], with_companies=False)
    for _ in range(answers):
        _answer(stage, people, cafes)
    _triage(stage)
    for number in range(public_reviews):
        _review(stage, cafes, number)
    return people


def _answer(stage: Stage, people: list[Customer], cafes: list[tuple[Location, float]]) -> None:
    cafe, mood = stage.chance.choice(cafes)
    feeling = stage.chance.gauss(mood, 0.28)
    kind = stage.chance.choices(list(Response.Kind), weights=(6, 3, 1))[0]
    score: int | bool
    if kind == Response.Kind.NPS:
        score = max(0, min(10, round(feeling * 10 + 1)))
        unhappy, happy = score <= 6, score >= 9
    elif kind == Response.Kind.STAR_RATING:
        score = max(1, min(5, round(feeling * 5)))
        unhappy, happy = score <= 3, score == 5
    else:
        score = happy = feeling > 0.45
        unhappy = not happy
    said = words.UNHAPPY if unhappy else words.HAPPY if happy else words.PASSIVE
    speaks = stage.chance.random() < (0.35 if unhappy else 0.15)
    at_the_counter = stage.chance.random() < 0.2
    responses.submit(
        account=stage.account,
        kind=kind,
        score=score,
        comment=stage.chance.choice(said) if speaks else "",
        customer=None if at_the_counter else stage.chance.choice(people),
        location=cafe,
        channel="kiosk" if at_the_counter else "request",
        actor=stage.actor,
        at=stage.moment(),
    )


def _triage(stage: Stage) -> None:
    """Unhappy answers became items by themselves; give them their answers' times and some of them a decision."""
    items = FeedbackItem.objects.for_account(stage.account).prefetch_related("evidence__record")
    for number, item in enumerate(items.order_by("id")):
        said_at = max(evidence.record.collected_at for evidence in item.evidence.all())
        backdate(item, created_at=said_at)
        status = STATUSES[number % len(STATUSES)]
        if status != "new":
            triage.assign(item=item, assignee=stage.chance.choice(stage.staff), actor=stage.actor)
            triage.set_status(item=item, status=status, actor=stage.actor)


def _review(stage: Stage, cafes: list[tuple[Location, float]], number: int) -> None:
    cafe, mood = stage.chance.choice(cafes)
    stars = max(1, min(5, round(stage.chance.gauss(mood * 5.5, 1))))
    title, text = words.REVIEWS[stars]
    profile = stage.chance.choice(list(cafe.review_profiles.order_by("id")))
    author = f"{stage.chance.choice(words.FIRST_NAMES)} {stage.chance.choice(words.LAST_NAMES)[0]}."
    draft = reviews.ReviewDraft(
        platform=profile.platform,
        external_id=f"demo-{number}",
        rating=stars,
        title=title,
        description=text,
        url=profile.url,
        reviewer_name=author,
        reviewed_at=stage.moment(),
    )
    reviews.create(account=stage.account, location=cafe, draft=draft, actor=stage.actor)
