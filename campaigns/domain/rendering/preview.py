"""What a template looks like when sent, with sample people."""

from __future__ import annotations

from campaigns.domain import rendering
from campaigns.domain.rendering import Rendered
from campaigns.models import FeedbackRequest, Message, MessageTemplate
from crm.models import Customer, Location


def preview(template: MessageTemplate) -> Rendered:
    """Nothing is stored and nothing sent. Raises language.TemplateError for a template that cannot be rendered."""
    account = template.account
    request = FeedbackRequest(
        account=account,
        template=template,
        customer=Customer(account=account, fname="Maria", sname="Example", email="maria@example.com"),
        location=Location(account=account, name="Main Street", address_line_1="1 Main Street", postal_code="12345"),
    )
    return rendering.render(request=request, message=Message(account=account, channel=template.channel))
