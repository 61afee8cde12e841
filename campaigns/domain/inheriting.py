"""What a new account starts with: another's templates and campaigns, or the standard templates."""

from __future__ import annotations

from accounts.domain.actors import SYSTEM
from accounts.models import Account
from campaigns.domain import campaigns, templates
from campaigns.models import Campaign, MessageTemplate


def furnish(*, account: Account, template_of: Account | None) -> None:
    """Campaigns come as drafts, as many as the account may have: nobody is written to before somebody has looked."""
    made = templates.defaults_for(account, template_of=template_of)
    if template_of is None:
        return
    lent = MessageTemplate.objects.for_account(template_of).alive().order_by("pk")
    mapping = {old.pk: new for old, new in zip(lent, made, strict=False)}
    running = Campaign.objects.for_account(template_of).open().order_by("created_at", "pk")
    for campaign in running[: account.max_campaigns]:
        campaigns.copy(campaign=campaign, account=account, actor=SYSTEM, templates=mapping)
