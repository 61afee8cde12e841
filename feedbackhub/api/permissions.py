"""Permissions of the API kit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rest_framework.permissions import BasePermission

if TYPE_CHECKING:
    # DRF's views import this module while they load.
    from rest_framework.request import Request
    from rest_framework.views import APIView


class DenyAll(BasePermission):
    """The default: a view without a contract's base viewset answers nobody."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        return False
