"""Tenants, people who sign in, and keys that call."""

from __future__ import annotations

from accounts.models.account import Account
from accounts.models.api_key import ApiKey
from accounts.models.digest import DigestChoice
from accounts.models.invitation import Invitation
from accounts.models.job import Job, JobFile, JobPiece
from accounts.models.mail import AccountMail
from accounts.models.membership import Membership
from accounts.models.user import User

__all__ = [
    "Account",
    "AccountMail",
    "ApiKey",
    "DigestChoice",
    "Invitation",
    "Job",
    "JobFile",
    "JobPiece",
    "Membership",
    "User",
]
