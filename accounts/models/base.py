"""What every tenant-owned model shares."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self, TypeVar

from django.db import models

from feedbackhub.ids import new_code

if TYPE_CHECKING:
    from accounts.models.account import Account

# The stubs make CharField generic; Django itself does not.
if TYPE_CHECKING:
    CharField = models.CharField[str, str]
else:
    CharField = models.CharField

LARGEST_ID = 2**63 - 1
M = TypeVar("M", bound=models.Model)


class PublicIdField(CharField):
    """A short public id, unique over the hub, random: never a row number."""

    def __init__(self, **options: Any) -> None:
        # pghistory makes its event's copy with unique=False: an event row repeats the id of its row.
        super().__init__(**{"max_length": 16, "unique": True, "editable": False, "default": new_code, **options})

    def deconstruct(self) -> tuple[str, str, Any, dict[str, Any]]:
        name, path, args, kwargs = super().deconstruct()
        for fixed in ("max_length", "unique", "editable", "default"):
            kwargs.pop(fixed, None)
        if not self.unique:
            kwargs["unique"] = False
        return name, path, args, kwargs


class TenantQuerySet(models.QuerySet[M]):
    """The door's hinge: every lookup of a tenant's rows starts with the account."""

    def for_account(self, account: Account | int) -> Self:
        return self.filter(account=account)

    def numbered(self, id: int) -> Self:
        """The row of that number; a number beyond bigint names nothing and must not reach the database."""
        return self.filter(pk=id) if 0 < id <= LARGEST_ID else self.none()
