"""A template and a request become the words of one message."""

from __future__ import annotations

from dataclasses import dataclass

from campaigns.domain import brands, links
from campaigns.domain.rendering import language, mail, values
from campaigns.domain.sms_segments import segments
from campaigns.models import FeedbackRequest, Message, MessageTemplate

# What Twilio and most carriers take: 1 600 characters of GSM-7.
MAX_SEGMENTS = 10


@dataclass(frozen=True)
class Rendered:
    subject: str = ""
    text: str = ""
    html: str = ""
    segments: int = 0


def render(*, request: FeedbackRequest, message: Message) -> Rendered:
    """Raises language.TemplateError when the template cannot be rendered or is too long for an SMS."""
    given = values.Values(request, message).as_liquid()
    template = request.template
    if template.channel == MessageTemplate.Channel.SMS:
        return render_sms(template.body, given)
    return _mail(template, given, request=request, message=message)


def render_sms(body: str, given: dict[str, dict[str, str] | str]) -> Rendered:
    text = language.render(body, given).replace("\r\n", "\n").strip()
    count = segments(text).count
    if not 1 <= count <= MAX_SEGMENTS:
        raise language.TemplateError(f"takes {count} SMS segments, 1 to {MAX_SEGMENTS} can be sent")
    return Rendered(text=text, segments=count)


def _mail(
    template: MessageTemplate,
    given: dict[str, dict[str, str] | str],
    *,
    request: FeedbackRequest,
    message: Message,
) -> Rendered:
    account, brand = request.account, brands.of_request(request)
    unsubscribe_link = links.unsubscribe_url(message)
    subject = values.one_line(language.render(template.subject, given))[:300]
    inner = mail.clean(language.render(template.body, given, html=True))
    words = language.render(template.text_body, given).strip() if template.text_body else mail.plain(inner)
    spoken = request.customer.language or account.language
    foot = mail.footer(account=account, brand=brand, unsubscribe_link=unsubscribe_link, language=spoken)
    return Rendered(
        subject=subject,
        text=f"{words}\n\n{foot}\n",
        html=mail.page(
            account=account,
            brand=brand,
            subject=subject,
            inner=inner,
            unsubscribe_link=unsubscribe_link,
            language=spoken,
        ),
    )
