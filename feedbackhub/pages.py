"""Middleware of pages, which calls of the APIs pass by: for storing one answer it cost a seventh of the work.

A call carries a key, not a session; its answer is no page, and `ContractViewSet.finished` gives it its headers.
"""

from __future__ import annotations

from typing import Any

from csp.middleware import CSPMiddleware
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.messages.middleware import MessageMiddleware
from django.contrib.sessions.middleware import SessionMiddleware
from django.http import HttpRequest
from django.utils.deprecation import MiddlewareMixin

from feedbackhub.api.mounts import is_call


class PassedByCalls(MiddlewareMixin):
    """In front of a middleware class: skips it for calls of the APIs."""

    def __call__(self, request: HttpRequest) -> Any:
        return self.get_response(request) if is_call(request) else super().__call__(request)


class Csp(PassedByCalls, CSPMiddleware):
    pass


class Session(PassedByCalls, SessionMiddleware):
    pass


class Authentication(PassedByCalls, AuthenticationMiddleware):
    pass


class Message(PassedByCalls, MessageMiddleware):
    pass
