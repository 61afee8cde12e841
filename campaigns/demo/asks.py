"""Requests in every state, from a link alone to a message whose fate is unknown."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from campaigns.demo import words
from campaigns.demo.stage import Stage, backdate
from campaigns.domain import landing, requests
from campaigns.domain.sender import claim, reap, run
from campaigns.models import FeedbackRequest, Message, MessageTemplate
from campaigns.providers.base import Envelope, Finding, Outcome, refused, unknown
from campaigns.providers.outbox import OutboxProvider
from crm.domain import customers, suppressions
from crm.models import Customer, Suppression

BOUNCE = refused("550 5.1.1 No such mailbox", status=550, finding=Finding.HARD_BOUNCE)
UNREACHABLE = refused("30005 Unknown destination handset", status=400, finding=Finding.SMS_FAILED)
LOST = unknown("the connection was reset after the message was handed over")
ANSWERS = ((9, ""), (10, words.HAPPY[0]), (7, words.PASSIVE[0]), (3, words.UNHAPPY[0]), (8, ""), (6, words.UNHAPPY[1]))


@dataclass
class Scripted:
    """A provider that answers as the scene wants; without a line in the script it delivers to the outbox."""

    script: dict[UUID, Outcome]
    name: str = "demo"
    remembers: timedelta | None = None

    def send(self, envelope: Envelope) -> Outcome:
        return self.script.get(envelope.message_id) or OutboxProvider().send(envelope)

    def close(self) -> None:
        """Holds nothing."""


def ask(stage: Stage, people: list[Customer]) -> dict[UUID, Outcome]:
    """Make the requests; what their providers will answer, by message. Call `send` after the transaction."""
    by_mail = (person for person in people[40:] if person.email and person.mobile_number)
    templates = {template.channel: template for template in MessageTemplate.objects.for_account(stage.account).alive()}
    mail, sms = templates["email"], templates["sms"]

    def make(template: MessageTemplate, *, due: datetime | None = None, link_only: bool = False) -> FeedbackRequest:
        return requests.create(
            account=stage.account,
            customer=next(by_mail),
            template=template,
            due=due,
            suppress_message=link_only,
            actor=stage.actor,
        )

    script: dict[UUID, Outcome] = {}
    for days in (1, 2, 5):
        make(mail, due=stage.now + timedelta(days=days))
        make(sms, due=stage.now + timedelta(days=days, hours=3))
    make(mail, link_only=True)
    for template in (mail, sms) * 6:
        make(template)
    for template, outcome in ((mail, BOUNCE), (sms, UNREACHABLE), (mail, LOST)):
        script[make(template).message.pk] = outcome
    long_ago = stage.now - timedelta(hours=20)
    late = make(mail)
    backdate(late.message, due_at=long_ago, next_try_at=long_ago, not_after=long_ago + timedelta(hours=12))
    _unsubscribe(make(mail))
    customers.delete(customer=make(sms, due=stage.now + timedelta(days=1)).customer, actor=stage.actor)
    return script


def ask_once(stage: Stage, person: Customer) -> None:
    template = MessageTemplate.objects.for_account(stage.account).alive().filter(channel="email").first()
    if template is not None:
        requests.create(account=stage.account, customer=person, template=template, actor=stage.actor)


def _unsubscribe(request: FeedbackRequest) -> None:
    suppressions.suppress(
        account=request.account,
        channel=Suppression.Channel.EMAIL,
        reason=Suppression.Reason.UNSUBSCRIBE,
        source=Suppression.Source.RECIPIENT,
        address=request.message.address,
        customer=request.customer,
        evidence={"how": "preferences page"},
    )


def send(script: dict[UUID, Outcome]) -> None:
    """Work off what is due, with the script's answers; then some people answer."""
    deliver(script)
    reap.reap()
    sent = FeedbackRequest.objects.filter(
        message__state=Message.State.ACCEPTED, response=None, campaign_step=None
    ).order_by("pk")
    for request, (score, comment) in zip(sent, ANSWERS, strict=False):
        landing.answer(token=request.landing_token, score=min(score, _top(request)), comment=comment)


def deliver(script: dict[UUID, Outcome]) -> None:
    """As the sender does."""
    owner, provider = claim.new_owner(), Scripted(script)
    while leases := claim.due(owner=owner):
        for lease in leases:
            run.send(lease=lease, provider=provider)


def _top(request: FeedbackRequest) -> int:
    return 5 if request.template.question == "star-rating" else 10
