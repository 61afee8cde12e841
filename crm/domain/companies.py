"""The organisations people work for."""

from __future__ import annotations

from django.db import transaction
from django.db.models.functions import Lower

from accounts.models import Account
from crm.domain import texts
from crm.domain.locks import address_lock
from crm.models import Company
from feedbackhub.errors import Invalid


@transaction.atomic
def upsert(*, account: Account, name: str | None = None, domain: str | None = None) -> Company:
    """The company with this domain, else (no domain given) with this name; added when there is none."""
    name = texts.fit(Company, "name", name) or ""
    domain = (texts.fit(Company, "domain", domain) or "").lower().removeprefix("www.")
    if not name and not domain:
        raise Invalid("Give the company's name or domain.", field="company")
    address_lock(account, f"company:{domain or name}")
    found = _find(account, name, domain)
    if found is None:
        return Company.objects.create(account=account, name=name, domain=domain)
    if domain and name and found.name != name:
        found.name = name
        found.save(update_fields=["name"])
    return found


def _find(account: Account, name: str, domain: str) -> Company | None:
    rows = Company.objects.for_account(account).alias(low_domain=Lower("domain"), low_name=Lower("name"))
    if domain:
        return rows.filter(low_domain=domain).first()
    # Of several companies with one name, the one known by nothing else: it is unique by constraint.
    return rows.filter(low_name=name.lower()).order_by(Lower("domain"), "pk").first()
