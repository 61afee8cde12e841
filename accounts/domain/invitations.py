"""Invitations: 144-bit link (links.py), seven days, single use, bound to one e-mail."""

from __future__ import annotations

import re
from dataclasses import dataclass

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.domain import actors, limits, links, mails
from accounts.domain.actors import Actor
from accounts.domain.roles import Role
from accounts.models import Account, Invitation, Membership, User
from feedbackhub.errors import Conflict, FieldProblem, Invalid, NotFound, Refused
from feedbackhub.ids import is_token, new_code

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
) -> Invited:
    """Invite a person; an open invitation to the same address is replaced and its link ends.

    With `send` it is mailed, too. Raises Invalid for a bad address, Refused for a member, LimitReached at `max_users`
    (open invitations count).
    """
    address = _address(email)
    with actors.acting(actor), limits.locked(account) as current:
        if Membership.objects.filter(account=current, user__email=address).exists():
            raise Refused(f"There is a user {address} in this account already.", field="email")
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
            token_hash=links.stored_hash(code),
            expires_at=timezone.now() + links.LIFE,
        )
        if send:
            mails.want_invitation(invitation=invitation)
    return Invited(invitation, links.invitation_url(invitation))


def revoke(*, invitation: Invitation, actor: Actor) -> None:
    """Withdraw an open invitation; its link ends. Repeating changes nothing."""
    open_one = Invitation.objects.filter(pk=invitation.pk, accepted_at=None, revoked_at=None)
    with actors.acting(actor):
        open_one.update(revoked_at=timezone.now())


def open_by_token(token: str) -> Invitation:
    """The open invitation of a link. Raises NotFound for an unknown or replaced link, Refused for a used or expired
    one, with a sentence that may be shown."""
    invitation = None
    if is_token(token):
        found = Invitation.objects.filter(token_hash=links.digest(token)).select_related("account")
        invitation = found.first()
    if invitation is None or invitation.account.deleted_at or (invitation.revoked_at and not invitation.accepted_at):
        raise NotFound("This invitation does not exist or has been replaced by a newer one.")
    if invitation.accepted_at:
        raise Refused("This invitation has been used.")
    if invitation.expires_at <= timezone.now():
        raise Refused("This invitation has expired.")
    return invitation


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
            # They may have been added in another way since.
            defaults = {"role": invitation.role}
            return Membership.objects.get_or_create(account=current, user=member, defaults=defaults)[0]


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
