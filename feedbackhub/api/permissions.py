"""Permissions of the API kit."""

from __future__ import annotations

from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.views import APIView


class DenyAll(BasePermission):
    """The default: a view without a contract's base viewset answers nobody."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        return False
