"""Replies of staff as messages of the ledger: what feedback/domain/posting.py asks for.

The sender and its gates are the same as for requests. What differs is in the gates themselves: a reply belongs to no
campaign, so nothing holds it back for having asked too often, and an SMS of this kind always minds decent hours.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db.models.functions import Now
from django.template.loader import render_to_string
from django.utils import timezone

from accounts.domain.branding import Brand, brand_of
from accounts.models import Account, User
from campaigns.domain import links, words
from campaigns.domain.rendering import MAX_SEGMENTS, mail
from campaigns.domain.rendering import language as liquid
from campaigns.domain.rendering.values import one_line, personal
from campaigns.domain.sender import gates, subjects, wake
from campaigns.domain.sms_segments import segments
from campaigns.models import Message
from crm.domain.timeline import Tone
from crm.models import Customer, Location
from feedback.domain.posting import Fate, Way
from feedback.models import FeedbackItem, Reply
from feedbackhub.errors import Invalid, Refused

Channel = Reply.Channel
State = Message.State

# A reply waits so long before it leaves: time to see the mistake and take it back.
GRACE = timedelta(seconds=15)
QUOTED = 1_000
WAITING = (State.SCHEDULED, State.HELD)
TONES: dict[str, Tone] = {
    State.ACCEPTED: "good",
    State.DELIVERED: "good",
    State.BOUNCED: "bad",
    State.FAILED: "bad",
    State.SUPPRESSED: "bad",
    State.CANCELLED: "bad",
    State.EXPIRED: "bad",
    State.UNKNOWN_FINAL: "bad",
}
TAKEN_BACK = "Taken back before it left."
# What a reply may say of somebody, with a sample of each.
SAMPLE: dict[str, dict[str, str]] = {
    "customer": {"fname": "Maria", "sname": "Example", "name": "Maria Example"},
    "account": {"name": "Example & Co"},
    "item": {"message": "The oven is cold.", "area": "Kitchen"},
    "me": {"name": "Alex Example"},
}


def ways(*, account: Account, people: Sequence[Customer]) -> list[list[Way]]:
    now = timezone.now()
    drafts = [_blank(account, person, channel, now) for person in people for channel in Channel]
    found = [_way(subject) for subject in subjects.load(drafts, now=now)]
    return [found[at : at + len(Channel)] for at in range(0, len(found), len(Channel))]


def senders(*, item: FeedbackItem, writer: User) -> list[str]:
    usual = (item.location.reply_to if item.location else "") or item.account.reply_to
    return list(dict.fromkeys(filter(None, (usual, writer.email))))


def fill(*, text: str, item: FeedbackItem, customer: Customer, writer: User) -> str:
    given = {
        "customer": {
            "fname": personal(customer.fname),
            "sname": personal(customer.sname),
            "name": personal(customer.full_name),
        },
        "account": {"name": item.account.display_name},
        "item": {"message": item.message[:QUOTED], "area": item.area or ""},
        "me": {"name": str(writer)},
    }
    return _filled(text, given)


def check(*, text: str) -> None:
    _filled(text, SAMPLE)


def _filled(text: str, given: Mapping[str, object]) -> str:
    try:
        unknown = liquid.variables(text) - _names()
        if unknown:
            raise Invalid(f"Unknown placeholder {', '.join(sorted(unknown))}. {_known()}", field="reply")
        return liquid.render(text, given).strip()
    except liquid.TemplateError as error:
        raise Invalid(f"The text cannot be filled in: {error}.", field="reply") from error


def post(*, reply: Reply, writer: User, answers_to: str) -> None:
    account, now = reply.account, timezone.now()
    message = _blank(account, reply.customer, reply.channel, now)
    way = _way(subjects.load([message], now=now)[0])
    if not way.open:
        raise Refused(way.obstacle)
    message.reply = reply
    message.from_name = one_line(_from_name(reply.item.location, account))[:100]
    if reply.channel == Channel.EMAIL:
        allowed = senders(item=reply.item, writer=writer)
        if answers_to and answers_to not in allowed:
            raise Invalid("Answers can go to the account's address or to yours.", field="answers_to")
        message.reply_to = answers_to or allowed[0]
        _word_mail(message, reply)
    else:
        _word_sms(message, reply)
    message.save()
    wake.up(due_at=message.due_at)


def fates(*, replies: Sequence[Reply]) -> dict[UUID, Fate]:
    rows = Message.objects.filter(reply__in=[reply.pk for reply in replies]).defer("html_body", "text_body")
    return {row.reply_id: fate_of(row) for row in rows if row.reply_id is not None}


def fate_of(message: Message) -> Fate:
    waiting = message.state in WAITING
    told = message.get_state_display()
    if waiting:
        told = "Waits" if message.next_try_at > timezone.now() + GRACE else "On its way"
    elif message.reason == TAKEN_BACK:
        told = "Taken back"
    return Fate(
        state=message.state,
        told=told,
        tone=TONES.get(message.state, "plain"),
        reason="" if message.reason == TAKEN_BACK else message.reason,
        waiting=waiting,
        due_at=message.next_try_at,
    )


def take_back(*, reply: Reply) -> bool:
    rows = Message.objects.for_account(reply.account_id).filter(reply=reply, state__in=WAITING)
    return bool(rows.update(state=State.CANCELLED, reason=TAKEN_BACK, updated_at=Now()))


def _blank(account: Account, customer: Customer, channel: str, now: datetime) -> Message:
    """A message without words, not stored: what the gates look at."""
    customer.account = account
    due = now + GRACE
    return Message(
        account=account,
        customer=customer,
        channel=channel,
        address=(customer.email if channel == Channel.EMAIL else customer.mobile_number) or "",
        due_at=due,
        next_try_at=due,
        not_after=due + timedelta(hours=settings.MESSAGE_LATENESS_HOURS),
    )


def _way(subject: subjects.Subject) -> Way:
    message, objection = subject.message, gates.judge(subject).objection
    channel = Channel(message.channel)
    held = objection is not None and objection.gate == gates.DECENT_HOUR
    return Way(
        channel=channel.value,
        label=channel.label,
        address=message.address,
        obstacle=objection.detail if objection and not held else "",
        waits_until=objection.next_eligible_at if objection and held else None,
    )


def _word_mail(message: Message, reply: Reply) -> None:
    account, item = reply.account, reply.item
    brand, writer = _brand(item.location, account), one_line(reply.author_name)
    unsubscribe_link = links.unsubscribe_url(message)
    language = reply.customer.language or account.language
    you_wrote = words.say(words.choose(language, account.language), "you_wrote")
    given = {"body": reply.body, "writer": writer, "brand": brand.name, "you_wrote": you_wrote}
    given["quoted"] = item.message[:QUOTED]
    message.subject = one_line(reply.subject)[:300]
    quoted = "\n".join(f"> {line}".rstrip() for line in item.message[:QUOTED].splitlines())
    foot = mail.footer(account=account, brand=brand, unsubscribe_link=unsubscribe_link, language=language)
    message.text_body = f"{reply.body}\n\n{writer}\n{brand.name}\n\n{you_wrote}\n{quoted}\n\n{foot}\n"
    message.html_body = mail.page(
        account=account,
        brand=brand,
        subject=message.subject,
        inner=mail.clean(render_to_string("campaigns/mail/reply.html", given)),
        unsubscribe_link=unsubscribe_link,
        language=language,
    )


def _word_sms(message: Message, reply: Reply) -> None:
    brand = _brand(reply.item.location, reply.account)
    message.text_body = f"{reply.body}\n{one_line(reply.author_name)}, {one_line(brand.name)}"
    message.sms_segments = segments(message.text_body).count
    if message.sms_segments > MAX_SEGMENTS:
        said = f"This takes {message.sms_segments} SMS segments; at most {MAX_SEGMENTS} can be sent."
        raise Invalid(said, field="body")


def _brand(location: Location | None, account: Account) -> Brand:
    if location is None:
        return brand_of(account)
    return brand_of(account, name=location.brand_name, color=location.brand_color)


def _from_name(location: Location | None, account: Account) -> str:
    own = (location.from_name or location.brand_name) if location else ""
    return own or account.from_name or account.display_name


def _names() -> frozenset[str]:
    return frozenset(f"{name}.{inner}" for name, values in SAMPLE.items() for inner in values)


def _known() -> str:
    return f"There are {', '.join(sorted(_names()))}."
