"""Invitations: 144-bit link, seven days, single use, bound to one e-mail.

The token is derived from the row's public id with SECRET_KEY and only its SHA-256 is stored: a copy of the database
opens nothing, and the mail that carries the link can be written at any later time.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.crypto import salted_hmac

from accounts.domain import actors, limits
from accounts.domain.actors import Actor
from accounts.domain.roles import Role
from accounts.models import Account, AccountMail, Invitation, Membership, User
from feedbackhub.errors import Conflict, FieldProblem, Invalid, NotFound, Refused
from feedbackhub.ids import new_code

LIFE = timedelta(days=7)
TOKEN_BYTES = 18
TOKEN_FORM = re.compile(r"[0-9A-Za-z_-]{24}", re.ASCII)
PHONE_FORM = re.compile(r"\+?[0-9][0-9 ()./-]{3,30}", re.ASCII)


@dataclass(frozen=True)
class Invited:
    """The invitation with its link."""

    invitation: Invitation
    url: str


class SignInFirst(Refused):
    """The e-mail belongs to somebody who signs in already: only they may accept, and their password stays."""


def invite(
    *,
    account: Account,
    email: str,
    role: Role = Role.STANDARD,
    send: bool = False,
    actor: Actor,
    wake: Callable[[], object] = lambda: None,
) -> Invited:
    """Invite a person; an open invitation to the same address is replaced and its link ends.

    With `send` a mail is stored as due in the same transaction and `wake` is called after the commit. Raises Invalid
    for a bad address, Refused for a member, LimitReached at `max_users` (open invitations count).
    """
    address = _address(email)
    with actors.acting(actor), limits.locked(account) as current:
        if Membership.objects.filter(account=current, user__email=address).exists():
            raise Refused(f"{address} is a user of this account already.", field="email")
        Invitation.objects.for_account(current).filter(email=address, accepted_at=None, revoked_at=None).update(
            revoked_at=timezone.now()
        )
        limits.require_room(current, "max_users", taken=limits.seats_taken(current))
        code = new_code()
        invitation = Invitation.objects.create(
            public_id=code,
            account=current,
            email=address,
            role=role,
            token_hash=_digest(_token(code, settings.SECRET_KEY)),
            expires_at=timezone.now() + LIFE,
        )
        if send:
            AccountMail.objects.create(
                kind=AccountMail.Kind.INVITATION,
                email=address,
                invitation=invitation,
                next_try_at=timezone.now(),
            )
            transaction.on_commit(wake)
    return Invited(invitation, url_of(invitation))


def revoke(*, invitation: Invitation, actor: Actor) -> None:
    """Withdraw an open invitation; its link ends. Repeating changes nothing."""
    open_one = Invitation.objects.filter(pk=invitation.pk, accepted_at=None, revoked_at=None)
    with actors.acting(actor):
        open_one.update(revoked_at=timezone.now())


def open_by_token(token: str) -> Invitation:
    """The open invitation of a link. Raises NotFound for an unknown or replaced link, Refused for a used or expired
    one, with a sentence that may be shown."""
    invitation = None
    if TOKEN_FORM.fullmatch(token):
        found = Invitation.objects.filter(token_hash=_digest(token)).select_related("account")
        invitation = found.first()
    if invitation is None or invitation.account.deleted_at or (invitation.revoked_at and not invitation.accepted_at):
        raise NotFound("This invitation does not exist or has been replaced by a newer one.")
    if invitation.accepted_at:
        raise Refused("This invitation has been used.")
    if invitation.expires_at <= timezone.now():
        raise Refused("This invitation has expired.")
    return invitation


def is_open(invitation: Invitation) -> bool:
    settled = invitation.accepted_at or invitation.revoked_at or invitation.account.deleted_at
    return not settled and invitation.expires_at > timezone.now()


def needs_sign_in(invitation: Invitation) -> bool:
    """Whether the address belongs to somebody who signs in already."""
    return User.objects.filter(email=invitation.email, is_active=True).exists()


def accept(*, token: str, name: str = "", phone: str = "", password: str = "", user: User | None = None) -> Membership:
    """Use an invitation. `user` is who is signed in now, if anybody.

    Somebody new gets a sign-in with that name, phone and password. Raises SignInFirst when the address has a sign-in
    and `user` is not its owner (whoever holds the link may be the program that invited, so the link alone must never
    open an existing person's sign-in), Invalid naming `name`, `phone` or `password`, and as open_by_token.
    """
    account = open_by_token(token).account
    with limits.locked(account) as current:
        # Again under the lock: two people with one link, one joins.
        invitation = open_by_token(token)
        # This one's seat is among those taken; it only lacks room if the limit was lowered since.
        limits.require_room(current, "max_users", taken=limits.seats_taken(current), wanted=0)
        member = _member(invitation, user, name, phone, password)
        with actors.acting(actors.from_user(member)):
            invitation.accepted_at = timezone.now()
            invitation.accepted_by = member
            invitation.save(update_fields=["accepted_at", "accepted_by"])
            return Membership.objects.create(account=current, user=member, role=invitation.role)


def url_of(invitation: Invitation) -> str:
    """The link of an invitation. Raises Refused when SECRET_KEY was changed without keeping the old one as a
    fallback."""
    for secret in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS):
        token = _token(invitation.public_id, secret)
        if _digest(token) == bytes(invitation.token_hash):
            return f"{settings.BASE_URL}/invite?code={token}"
    raise Refused("The link of this invitation can no longer be made. Invite again.")


def _member(invitation: Invitation, signed_in: User | None, name: str, phone: str, password: str) -> User:
    user = User.objects.select_for_update().filter(email=invitation.email).first()
    if user is not None and user.is_active:
        if signed_in != user:
            raise SignInFirst("This address has a sign-in already. Sign in with it to accept.")
        return user
    if user is not None and user.has_usable_password():
        # Shut out by the hub's operator (members.deactivate): an invitation does not undo that.
        raise Refused("This person may not sign in. Ask whoever runs the hub.")
    user = user or User(email=invitation.email)
    user.name, user.phone, user.is_active = name.strip(), phone.strip(), True
    _check_person(user, password)
    user.set_password(password)
    try:
        with transaction.atomic(), actors.acting(Actor("user", user.public_id, user.name)):
            user.save()
    except IntegrityError:
        # Accepted another account's invitation in the same moment.
        raise Conflict("Somebody has just signed up with this address. Try again.") from None
    return user


def _check_person(user: User, password: str) -> None:
    problems = []
    if not 1 <= len(user.name) <= 200 or not user.name.isprintable():
        problems.append(FieldProblem("name", "Give your name in at most 200 characters."))
    if not PHONE_FORM.fullmatch(user.phone):
        problems.append(FieldProblem("phone", "Give a phone number such as +43 1 234567."))
    try:
        # Longer ones only make hashing slow.
        if len(password) > 1000 or "\0" in password:
            raise ValidationError("Use at most 1000 characters and no NUL.")
        validate_password(password, user)
    except ValidationError as error:
        problems += [FieldProblem("password", message) for message in error.messages]
    if problems:
        raise Invalid.many(problems)


def _address(email: str) -> str:
    address = email.strip().lower()
    try:
        validate_email(address)
    except ValidationError:
        raise Invalid("Give an e-mail address such as jane@example.com.", field="email") from None
    if len(address) > 254:
        raise Invalid("The e-mail address is longer than 254 characters.", field="email")
    return address


def _token(code: str, secret: str) -> str:
    digest = salted_hmac("accounts.invitation", code, secret=secret, algorithm="sha256").digest()
    return base64.urlsafe_b64encode(digest[:TOKEN_BYTES]).decode()


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
