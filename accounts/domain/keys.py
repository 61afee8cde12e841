"""API keys: issue, recognise, rotate, revoke.

The secret is shown once. Kept are its SHA-256 (it has 190 random bits, so a slow hash would add nothing) and a short
prefix that people and secret scanners recognise it by.
"""

from __future__ import annotations

import hashlib
import re
import secrets
import string
import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Literal

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.db.models.base import ModelState
from django.db.models.signals import post_delete, post_save
from django.dispatch import receiver
from django.utils import timezone

from accounts.domain import actors
from accounts.domain.actors import Actor
from accounts.models import Account, ApiKey, User
from feedbackhub.errors import Conflict, Invalid, Refused

Verb = Literal["read", "write"]

MARK = "fhub_"
ALPHABET = string.digits + string.ascii_letters
SECRET_LENGTH = 32
SHOWN_LENGTH = len(MARK) + 4
SECRET_FORM = re.compile(f"{MARK}[0-9A-Za-z]{{{SECRET_LENGTH}}}", re.ASCII)
# More keys than this in three seconds in one process: start over rather than grow.
CACHE_SIZE = 10_000
USE_NOTED_EVERY = timedelta(minutes=1)


@dataclass(frozen=True)
class IssuedKey:
    """The only moment at which the secret exists in the clear."""

    key: ApiKey
    secret: str


@dataclass(frozen=True)
class KeyContext:
    """Who calls and what they may do. `account` is a detached copy: change it through a domain verb only."""

    account: Account
    key_id: int
    public_id: str
    name: str
    scopes: frozenset[str]
    agency: bool
    expires_at: datetime | None

    def allows(self, contract: str, verb: Verb) -> bool:
        """Whether the scopes cover reading or writing on a contract; writing does not include reading."""
        return not self.scopes.isdisjoint({"*", f"*:{verb}", contract, f"{contract}:{verb}"})

    @property
    def actor(self) -> Actor:
        return Actor("key", self.public_id, self.name)


def known_scopes() -> frozenset[str]:
    """`*`, a contract's name, and either with `:read` or `:write`."""
    bases = ("*", *settings.RATE_LIMITS)
    return frozenset(bases) | {f"{base}:{verb}" for base in bases for verb in ("read", "write")}


def issue(
    *,
    account: Account,
    name: str,
    scopes: Iterable[str] = ("*",),
    agency: bool = False,
    expires_at: datetime | None = None,
    actor: Actor,
) -> IssuedKey:
    """Make a key. Raises Invalid for a blank name, unknown or missing scopes, a past expiry, or an agency key of an
    account that is no agency."""
    wanted = _checked(account, name, scopes, agency, expires_at)
    key = ApiKey(account=account, name=name.strip(), scopes=wanted, agency=agency, expires_at=expires_at)
    return _store(key, actor)


def _checked(
    account: Account, name: str, scopes: Iterable[str], agency: bool, expires_at: datetime | None
) -> list[str]:
    wanted = list(dict.fromkeys(scopes))
    unknown = sorted(set(wanted) - known_scopes())
    if not name.strip() or len(name.strip()) > 100 or "\0" in name:
        raise Invalid("Give the key a name of 1 to 100 characters.", field="name")
    if not wanted:
        raise Invalid("Give the key at least one scope; * means everything.", field="scopes")
    if unknown:
        raise Invalid(f"Unknown scope {unknown[0]!r}. Known are {', '.join(sorted(known_scopes()))}.", field="scopes")
    if agency and not account.is_agency:
        raise Invalid("Only an agency account can have an agency key.", field="agency")
    if expires_at is not None and expires_at <= timezone.now():
        raise Invalid("The expiry lies in the past.", field="expires_at")
    return wanted


def _store(key: ApiKey, actor: Actor) -> IssuedKey:
    secret = MARK + "".join(secrets.choice(ALPHABET) for _ in range(SECRET_LENGTH))
    key.prefix = secret[:SHOWN_LENGTH]
    key.secret_hash = _digest(secret)
    if actor.kind == "user":
        key.created_by = User.objects.filter(public_id=actor.id).first()
    with actors.acting(actor):
        key.save()
    return IssuedKey(key, secret)


def rotate(*, key: ApiKey, overlap: timedelta, actor: Actor) -> IssuedKey:
    """Make a successor with the same rights and life span; the old key works for `overlap` longer, then ends."""
    now = timezone.now()
    with actors.acting(actor), transaction.atomic():
        # Locked: two rotations at once must not make two successors.
        old = ApiKey.objects.select_for_update(of=("self",)).select_related("account").get(pk=key.pk)
        if old.revoked_at or (old.expires_at and old.expires_at <= now):
            raise Refused("This key has ended. Make a new one instead.")
        if ApiKey.objects.filter(rotated_from=old).exists():
            raise Conflict("This key has a successor already. Rotate that one.")
        span = old.expires_at - old.created_at if old.expires_at else None
        successor = ApiKey(
            account=old.account,
            name=old.name,
            scopes=old.scopes,
            agency=old.agency,
            expires_at=now + span if span else None,
            rotated_from=old,
        )
        issued = _store(successor, actor)
        end = now + max(overlap, timedelta(0))
        old.expires_at = min(end, old.expires_at) if old.expires_at else end
        old.save(update_fields=["expires_at"])
    return issued


def revoke(*, key: ApiKey, actor: Actor) -> None:
    """End a key: at once in this process, within API_KEY_CACHE_SECONDS in every other. Repeating changes nothing."""
    _revoke(ApiKey.objects.filter(pk=key.pk), actor)
    key.refresh_from_db(fields=["revoked_at"])


def revoke_made_by(*, user: User, within: Q | None = None, actor: Actor) -> int:
    """End the keys that a user made, all or those `within` a condition; returns how many ended."""
    made = ApiKey.objects.filter(created_by=user)
    return _revoke(made.filter(within) if within is not None else made, actor)


def revoke_all_of(*, account: Account, actor: Actor) -> int:
    """End every key of an account; returns how many ended."""
    return _revoke(ApiKey.objects.for_account(account), actor)


def _revoke(keys: Any, actor: Actor) -> int:
    with actors.acting(actor):
        ended: int = keys.filter(revoked_at=None).update(revoked_at=timezone.now())
    # An update sends no signal.
    _forget_after_commit()
    return ended


def authenticate(secret: str) -> KeyContext | None:
    """The key's context, or None for anything that is not a living key of a living account.

    Any string may be passed. A hit is remembered in this process for API_KEY_CACHE_SECONDS; a miss is never.
    """
    if not SECRET_FORM.fullmatch(secret):
        return None
    digest = _digest(secret)
    context = _cache.get(digest)
    if context is None:
        generation = _cache.generation
        context = _load(digest)
        if context is None:
            return None
        _cache.put(digest, context, generation)
    if context.expires_at is not None and context.expires_at <= timezone.now():
        return None
    return replace(context, account=_detached(context.account))


def _detached(account: Account) -> Account:
    """A copy that a call may change: copy.copy, without pickle's detour that every call would pay for."""
    copied = Account.__new__(Account)
    copied.__dict__.update(account.__dict__, _state=ModelState())
    copied._state.adding, copied._state.db = False, account._state.db
    return copied


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()


def _load(digest: bytes) -> KeyContext | None:
    key = (
        ApiKey.objects.filter(secret_hash=digest, revoked_at=None, account__deleted_at=None)
        .select_related("account")
        .first()
    )
    if key is None:
        return None
    _note_use(key)
    return KeyContext(
        account=key.account,
        key_id=key.pk,
        public_id=key.public_id,
        name=key.name,
        scopes=frozenset(key.scopes),
        agency=key.agency,
        expires_at=key.expires_at,
    )


def _note_use(key: ApiKey) -> None:
    """Once a minute is exact enough for people, and keeps a busy key from becoming a hot row."""
    now = timezone.now()
    stale = Q(last_used_at=None) | Q(last_used_at__lt=now - USE_NOTED_EVERY)
    if key.last_used_at is None or key.last_used_at < now - USE_NOTED_EVERY:
        with transaction.atomic():
            # A row that somebody changes right now is left alone: no call waits for a note.
            free = ApiKey.objects.select_for_update(skip_locked=True, no_key=True).filter(stale, pk=key.pk)
            ApiKey.objects.filter(pk__in=free.values("pk")).update(last_used_at=now)


class _Cache:
    """Digest to context, for seconds. `generation` keeps a lookup that began before a change from storing its answer
    after it."""

    def __init__(self) -> None:
        self.generation = 0
        self._lock = threading.Lock()
        self._entries: dict[bytes, tuple[float, KeyContext]] = {}

    def get(self, digest: bytes) -> KeyContext | None:
        entry = self._entries.get(digest)
        return entry[1] if entry and entry[0] > time.monotonic() else None

    def put(self, digest: bytes, context: KeyContext, generation: int) -> None:
        with self._lock:
            if generation != self.generation:
                return
            if len(self._entries) >= CACHE_SIZE:
                self._entries.clear()
            self._entries[digest] = (time.monotonic() + settings.API_KEY_CACHE_SECONDS, context)

    def clear(self) -> None:
        with self._lock:
            self.generation += 1
            self._entries.clear()


_cache = _Cache()


def _forget_after_commit() -> None:
    """Keys and accounts change rarely, so everything is forgotten: now, and again when the change is visible."""
    _cache.clear()
    transaction.on_commit(_cache.clear)


@receiver([post_save, post_delete], sender=ApiKey, dispatch_uid="accounts.keys.forget_on_key")
@receiver([post_save, post_delete], sender=Account, dispatch_uid="accounts.keys.forget_on_account")
def _forget(**kwargs: Any) -> None:
    _forget_after_commit()
