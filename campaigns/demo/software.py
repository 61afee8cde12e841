"""Fernway Software: survey records, thumbs on AI replies, support tickets and in-app feedback."""

from __future__ import annotations

from typing import Any

from campaigns.demo import words
from campaigns.demo.people import populate
from campaigns.demo.stage import Stage, backdate
from crm.domain import locations
from crm.models import Customer
from feedback.domain import duplicates, items, records, sources, thumbs, triage
from feedback.domain.records import RecordDraft
from feedback.models import FeedbackItem, FeedbackRecord

HUB = FeedbackRecord.Contract.HUB
SURVEY = (
    ("nps", "How likely are you to recommend Fernway?", (3, 10)),
    ("csat", "How satisfied are you with Fernway?", (2, 5)),
    ("ces", "Fernway made it easy to do what I wanted.", (3, 7)),
)
LATER = ("reviewed", "planned", "in_progress", "shipped", "closed", "ignored", "spam")


def play(stage: Stage, *, people: int = 110, surveys: int = 220, rated_replies: int = 160) -> list[Customer]:
    """Everything that happened; the customers are returned for the requests."""
    fields = locations.LocationFields(name="Fernway Cloud", country_code="US", time_zone="America/New_York")
    cloud = locations.create(account=stage.account, fields=fields, actor=stage.actor)
    crowd = populate(stage, count=people, locations=[cloud], with_companies=True, first_number=500)
    _surveys(stage, crowd, surveys)
    for number in range(rated_replies):
        _thumb(stage, crowd, number)
    _tickets(stage, crowd)
    _product_feedback(stage, crowd)
    return crowd


def _surveys(stage: Stage, crowd: list[Customer], count: int) -> None:
    drafts = []
    for number in range(count):
        person, at = stage.chance.choice(crowd), stage.moment()
        common: dict[str, Any] = {
            "contract": HUB,
            "tenant_id": "fernway",
            "submission_id": f"survey-{number}",
            "source_type": "survey",
            "source_id": "quarterly",
            "source_name": "Quarterly survey",
            "customer_id": person.pk,
            "user_id": person.public_id,
            "language": "en",
            "collected_at": at,
        }
        for kind, question, (low, high) in SURVEY:
            score = float(stage.chance.randint(low, high))
            drafts.append(
                RecordDraft(field_id=kind, field_type=kind, field_label=question, value_number=score, **common)
            )
        if stage.chance.random() < 0.4:
            said = stage.chance.choice(words.SURVEY_WORDS)
            drafts.append(
                RecordDraft(
                    field_id="why", field_type="text", field_label="What is the reason?", value_text=said, **common
                )
            )
    records.create_many(account=stage.account, drafts=drafts, actor=stage.actor)


def _thumb(stage: Stage, crowd: list[Customer], number: int) -> None:
    positive, at = stage.chance.random() < 0.72, stage.moment(days=60)
    reasons = None if positive else [{"label": stage.chance.choice(words.THUMB_REASONS), "details": ""}]
    user = stage.chance.choice(crowd).public_id
    draft = thumbs.ThumbDraft(
        id=f"demo-thumb-{number}",
        positive=positive,
        message_id=f"demo-message-{number}",
        created_at=at,
        updated_at=at,
        text=reasons[0]["label"] if reasons else None,
        user_id=user,
        sent={"reasons": reasons, "properties": {"page": "/docs"}, "userProperties": {"userId": user}},
    )
    thumbs.log(account=stage.account, draft=draft, actor=stage.actor)


def _tickets(stage: Stage, crowd: list[Customer]) -> None:
    source = sources.create(account=stage.account, name="Support tickets", type="api", actor=stage.actor)
    for number in range(40):
        subject, priority = words.TICKETS[number % len(words.TICKETS)]
        fields: list[dict[str, Any]] = [
            {"category": "content", "type": "string", "name": "subject", "value": subject},
            {"category": "metadata", "type": "string", "name": "priority", "value": priority},
            {"category": "identifier", "type": "integer", "name": "ticket_number", "value": 4100 + number},
        ]
        draft = sources.SourceRecordDraft(
            fields=fields,
            customer=stage.chance.choice(crowd),
            external_id=f"ticket-{4100 + number}",
            display_ts=stage.moment(days=90),
        )
        sources.add_record(account=stage.account, source=source, draft=draft, actor=stage.actor)


def _product_feedback(stage: Stage, crowd: list[Customer]) -> None:
    made: list[FeedbackItem] = []
    for number in range(48):
        kind, area, route, message = words.PRODUCT[number % len(words.PRODUCT)]
        draft = items.ItemDraft(
            message=message,
            channel=FeedbackItem.Channel.PRODUCT,
            type=kind,
            area=area,
            route=route,
            allow_contact=stage.chance.random() < 0.6,
            user_agent="Mozilla/5.0 (X11; Linux x86_64) Fernway/8.2",
            client_version=f"8.{stage.chance.randint(0, 3)}.{stage.chance.randint(0, 9)}",
            customer=stage.chance.choice(crowd),
        )
        item = items.create(account=stage.account, draft=draft, actor=stage.actor)
        backdate(item, created_at=stage.moment(days=75))
        made.append(item)
    _decide(stage, made)
    _said_by_many(stage, crowd)


def _said_by_many(stage: Stage, crowd: list[Customer]) -> None:
    """The same in the words of several; some merged, and one of those more than once by the same person."""
    for number, (kind, area, route, version, *said) in enumerate(words.REPEATED):
        group = []
        for message in said:
            draft = items.ItemDraft(
                message=message,
                channel=FeedbackItem.Channel.PRODUCT,
                type=kind,
                area=area,
                route=route,
                client_version=version,
                customer=stage.chance.choice(crowd[number * 3 : number * 3 + 3]),
            )
            item = items.create(account=stage.account, draft=draft, actor=stage.actor)
            backdate(item, created_at=stage.moment(days=20))
            group.append(item)
        if number < len(words.REPEATED) - words.LEFT_TO_BE_FOUND:
            first, *others = group
            duplicates.merge_many(items={item: item.version for item in others}, into=first, actor=stage.actor)


def _decide(stage: Stage, made: list[FeedbackItem]) -> None:
    """Two fifths stay new; the others get a status, and some a colleague, a note or a link."""
    for number, item in enumerate(made):
        if number % 5 < 2:
            continue
        status = LATER[number % len(LATER)]
        item = triage.set_status(item=item, status=status, actor=stage.actor)
        if number % 3 == 0:
            item = triage.assign(item=item, assignee=stage.chance.choice(stage.staff), actor=stage.actor)
        if number % 4 == 0:
            triage.add_note(item=item, body=stage.chance.choice(words.NOTES), actor=stage.actor)
        if status in ("planned", "in_progress"):
            url = f"https://issues.example.com/FERN-{100 + number}"
            triage.link_issue(item=item, url=url, actor=stage.actor)
    triage.mark_duplicate(item=made[1], of=made[0], actor=stage.actor)
