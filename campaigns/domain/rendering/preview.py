"""What a template looks like when sent: to a customer of choice, or to a sample person."""

from __future__ import annotations

from campaigns.domain import rendering
from campaigns.domain.rendering import Rendered
from campaigns.models import FeedbackRequest, Message, MessageTemplate
from crm.models import Customer, Location


def preview(template: MessageTemplate, *, customer: Customer | None = None) -> Rendered:
    """Nothing is stored and nothing sent, and its links lead nowhere. Raises language.TemplateError for a template that
    cannot be rendered."""
    account = template.account
    somebody = customer or Customer(account=account, fname="Maria", sname="Example", email="maria@example.com")
    sample = Location(account=account, name="Main Street", address_line_1="1 Main Street", postal_code="12345")
    theirs = customer.locations.filter(deleted_at=None).order_by("pk").first() if customer else None
    request = FeedbackRequest(account=account, template=template, customer=somebody, location=theirs or sample)
    return rendering.render(request=request, message=Message(account=account, channel=template.channel))
