"""Who a sender means: the one rule that turns an id or an address into a customer, for every contract.

A name belongs to a customer of the account, neither deleted nor merged away, who is known under it; of several,

1. as the id that this contract's senders use (`Identity`, kind `<contract>:user_id`),
2. as the account's own id (`Identity.OWN`), whichever contract it comes by,
3. as the customer's public id in the hub,
4. as their e-mail in any case, 5. as their mobile number in E.164 form: equal, never alike.

A mere id never makes a customer. What came under a name before somebody was known under it is linked later:
crm/domain/lookbacks.py.
"""

from __future__ import annotations

from django.db import connection, transaction

from accounts.domain.actors import Actor
from accounts.models import Account
from crm.domain import customers
from crm.domain.customers import CustomerFields
from crm.domain.locks import address_lock
from crm.domain.phones import E164
from crm.models import Customer, Identity
from feedbackhub.errors import Invalid, Refused

# Longer ones are no public id of ours: spares a look.
PUBLIC_ID_LENGTH = 16


def kind_of(contract: str) -> str:
    """Whose id a contract's senders use."""
    return f"{contract}:user_id"


def customer_sql(*, account: str, kind: str, value: str, public_id: str, email: str, mobile: str) -> str:
    """The customer's row number as an expression, so that storing what they said can look them up in the same round
    trip. Its arguments are SQL, in the order in which they are used; a null never matches."""
    alive = "merged_into_id IS NULL AND deleted_at IS NULL"
    return f"""COALESCE(
    (SELECT person.id
       FROM crm_identity named
       JOIN crm_customer then_known ON then_known.id = named.customer_id
       JOIN crm_customer person ON person.id = COALESCE(then_known.merged_into_id, then_known.id)
      WHERE named.account_id = {account} AND named.kind IN ({kind}, '{Identity.OWN}') AND named.value = {value}
        AND person.deleted_at IS NULL
      ORDER BY named.kind = '{Identity.OWN}' LIMIT 1),
    (SELECT id FROM crm_customer WHERE public_id = {public_id} AND account_id = {account} AND {alive}),
    (SELECT id FROM crm_customer WHERE account_id = {account} AND LOWER(email) = {email} AND {alive}),
    (SELECT id FROM crm_customer WHERE account_id = {account} AND mobile_number = {mobile} AND {alive})
)"""  # noqa: S608 - arguments of ours


CUSTOMER_SQL = customer_sql(account="%s", kind="%s", value="%s", public_id="%s", email="%s", mobile="%s")


def parameters(*, account_id: int, kind: str, value: str, email: str = "") -> list[int | str | None]:
    """Of CUSTOMER_SQL. `kind` says whose id `value` is; many senders use the address as the id."""
    address = (email or (value if "@" in value else "")).lower() or None
    public_id = value if len(value) <= PUBLIC_ID_LENGTH else None
    mobile = value if E164.fullmatch(value) else None
    return [account_id, kind, value, public_id, account_id, account_id, address, account_id, mobile]


def customer_id(*, account: Account, kind: str, value: str, email: str = "") -> int | None:
    """The row number of the customer that is meant, or None."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {CUSTOMER_SQL}", parameters(account_id=account.pk, kind=kind, value=value, email=email))
        row: tuple[int | None] = cursor.fetchone()
    return row[0]


def find(*, account: Account, kind: str, value: str) -> Customer | None:
    """The customer known under this id; a merged one leads to the row it was merged into."""
    identities = Identity.objects.for_account(account).select_related("customer", "customer__merged_into")
    identity = identities.filter(kind=kind, value=value).first()
    return (identity.customer.merged_into or identity.customer) if identity else None


def attach(*, account: Account, customer: Customer, kind: str, value: str) -> Identity:
    """Let the id point at the customer from now on, whoever it pointed at before."""
    if customer.account_id != account.pk:
        raise ValueError("a customer of another account")
    identity, _ = Identity.objects.update_or_create(
        account=account, kind=kind, value=value, defaults={"customer": customer}
    )
    return identity


def give(*, account: Account, customer: Customer, value: str) -> Identity:
    """The account's own id of a customer, as staff say it. Refused while it is somebody else's."""
    value = value.strip()
    if not value:
        raise Invalid("Give the id.", field="value")
    if customer.account_id != account.pk:
        raise ValueError("a customer of another account")
    identity, _ = Identity.objects.get_or_create(
        account=account, kind=Identity.OWN, value=value, defaults={"customer": customer}
    )
    if identity.customer_id != customer.pk:
        raise Refused(f"This is the id of {identity.customer}. Remove it there first.", field="value")
    return identity


def remember(*, account: Account, customer_id: int, kind: str, value: str) -> None:
    """Let the id point at the customer unless it points at somebody already: whoever came first stays."""
    Identity.objects.bulk_create(
        [Identity(account=account, customer_id=customer_id, kind=kind, value=value)], ignore_conflicts=True
    )


@transaction.atomic
def person(*, account: Account, kind: str, value: str, fields: CustomerFields, actor: Actor) -> Customer:
    """The customer known under an external id, changed by `fields`; else the one with the address in `fields`, who
    is known under the id from now on; else a new one, with or without an address."""
    address_lock(account, f"{kind}:{value}")
    customer = find(account=account, kind=kind, value=value)
    if customer is not None:
        return customers.update(customer=customer, fields=fields, actor=actor) if fields else customer
    if fields.get("email") or fields.get("mobile_number"):
        customer = customers.upsert(account=account, fields=fields, actor=actor)
    else:
        customer = customers.add_unreachable(account=account, fields=fields)
    attach(account=account, customer=customer, kind=kind, value=value)
    return customer
