"""Accounts, people and keys in the console."""

from __future__ import annotations

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.contrib import admin
from django.contrib.auth.models import Group

from accounts.admin import accounts, jobs, keys, people

# Libraries register these with a plain admin that knows no accounts; Authenticator holds second factors.
for library_model in (Group, EmailAddress, Authenticator):
    if admin.site.is_registered(library_model):
        admin.site.unregister(library_model)

__all__ = ["accounts", "jobs", "keys", "people"]
