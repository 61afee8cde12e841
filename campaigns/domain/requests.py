"""Asking one customer for feedback."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts.domain.actors import Actor, acting
from accounts.models import Account
from campaigns.domain import brands, rendering, timing
from campaigns.domain.rendering.language import TemplateError
from campaigns.domain.rendering.values import one_line
from campaigns.domain.sender import wake
from campaigns.models import Enrolment, FeedbackRequest, Message, MessageTemplate, Step
from crm.domain import suppressions
from crm.models import Customer, Location
from feedbackhub.errors import BadReference, Invalid, Refused

EARLIEST = timedelta(days=1)
LATEST = timedelta(days=366)


def create(
    *,
    account: Account,
    customer: Customer,
    template: MessageTemplate,
    actor: Actor,
    location: Location | None = None,
    due: datetime | None = None,
    suppress_message: bool = False,
) -> FeedbackRequest:
    """The request with its message rendered and scheduled, or with its link alone (`suppress_message`).

    Raises Invalid for `location` and `due`, Refused when the customer may not or cannot be written to on the
    template's channel; nothing is stored then. Customer, template and location are the account's own and alive.
    """
    now = timezone.now()
    request = FeedbackRequest(
        account=account,
        customer=customer,
        template=template,
        location=location or only_location_of(customer),
        due_at=_checked(due, now=now),
        suppressed=suppress_message,
    )
    with transaction.atomic(), acting(actor):
        if suppress_message:
            request.save()
            return request
        message = _message(request, address=_address(request), now=now)
        request.save()
        message.feedback_request = request
        message.save()
        wake.up(due_at=message.due_at)
    return request


def create_for_step(*, enrolment: Enrolment, step: Step, now: datetime, actor: Actor) -> FeedbackRequest:
    """A campaign's step asks: the request and its message, due now. The caller has asked the gates.

    Raises IntegrityError when the step has asked this person or address in this run before, Invalid when the template
    cannot be rendered; nothing is stored then.
    """
    message = draft(enrolment=enrolment, step=step, now=now)
    request = message.feedback_request
    if request is None:
        raise TypeError("A draft has its request.")
    with transaction.atomic(), acting(actor):
        _render(message, request)
        request.save()
        message.feedback_request = request
        message.save()
        wake.up(due_at=message.due_at)
    return request


def draft(*, enrolment: Enrolment, step: Step, now: datetime) -> Message:
    """The message of a step for a person, without words and not stored: what the gates look at."""
    customer, template = enrolment.customer, step.template
    by_mail = template.channel == MessageTemplate.Channel.EMAIL
    zone = timing.zone_of(customer=customer, location=enrolment.location)
    request = FeedbackRequest(
        account=enrolment.campaign.account,
        customer=customer,
        template=template,
        location=enrolment.location,
        enrolment=enrolment,
        campaign_step=step,
        due_at=now,
    )
    lateness = timedelta(hours=settings.MESSAGE_LATENESS_HOURS)
    message = _blank(request, address=(customer.email if by_mail else customer.mobile_number) or "")
    message.feedback_request = request
    message.campaign_step, message.campaign_entry = step, enrolment.entry
    message.not_after = timing.last_moment(now, window=timing.window_of(step), zone=zone, lateness=lateness)
    return message


def only_location_of(customer: Customer) -> Location:
    """The active location of a customer who has exactly one; Invalid otherwise."""
    found = list(customer.locations.filter(deleted_at=None).order_by("pk")[:2])
    if len(found) != 1:
        count = "no active location" if not found else "several active locations"
        raise Invalid(f"Say which location to ask about: the customer has {count}.", field="location")
    return found[0]


def _checked(due: datetime | None, *, now: datetime) -> datetime:
    if due is None:
        return now
    if due > now + LATEST:
        raise Invalid("Must be at most 366 days ahead.", field="due")
    if due < now - EARLIEST:
        raise Invalid("Must not be more than a day in the past.", field="due")
    return due


def _address(request: FeedbackRequest) -> str:
    """Where the message goes; Refused when there is no such place or nothing may be sent there."""
    customer, channel = request.customer, request.template.channel
    address = customer.email if channel == MessageTemplate.Channel.EMAIL else customer.mobile_number
    if not address:
        missing = "e-mail address" if channel == MessageTemplate.Channel.EMAIL else "mobile number"
        raise Refused(f"This customer has no {missing}; nothing was sent. Add one first.", field="customer")
    block = suppressions.blocking(account=request.account, channel=channel, address=address, customer=customer)
    if block is None:
        return address
    if block.reason in block.DELIVERY_REASONS:
        raise Refused(
            "This customer's address is invalid: an earlier message failed. Correct it first.", field="customer"
        )
    raise Refused("This customer has opted out; nothing was sent.", field="customer")


def _message(request: FeedbackRequest, *, address: str, now: datetime) -> Message:
    """Frozen from here on: later edits of template, customer or account never touch it.

    An account without a postal address may still send these: a stand-alone request answers a visit or a purchase the
    caller knows of (CAN-SPAM: transactional or relationship), and every sample of the contract sends with an account
    that has none. Campaigns, which are not such answers, need one to be activated.
    """
    message = _blank(request, address=address)
    # A request for yesterday is sent now, so its last moment counts from now.
    message.not_after = max(request.due_at, now) + timedelta(hours=settings.MESSAGE_LATENESS_HOURS)
    _render(message, request)
    return message


def _blank(request: FeedbackRequest, *, address: str) -> Message:
    """From whom, to whom and when; `not_after` and the words are still to come."""
    account = request.account
    return Message(
        account=account,
        customer=request.customer,
        channel=request.template.channel,
        address=address,
        from_name=one_line(brands.from_name(request))[:100],
        reply_to=brands.reply_to(request),
        due_at=request.due_at,
        next_try_at=request.due_at,
    )


def _render(message: Message, request: FeedbackRequest) -> None:
    try:
        rendered = rendering.render(request=request, message=message)
    except TemplateError as error:
        raise BadReference(f"This template cannot be sent: {error}.", field="template") from error
    message.subject = rendered.subject
    message.text_body = rendered.text
    message.html_body = rendered.html
    message.sms_segments = rendered.segments
