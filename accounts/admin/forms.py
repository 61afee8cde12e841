"""What every form of the console refuses."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import Model
from django.forms import ModelForm

from accounts.models import Account
from feedbackhub.errors import HubError


class ConsoleForm(ModelForm):  # type: ignore[type-arg]
    """Refuses to tie a row to another account's rows, also where the user could reach both."""

    # What the domain said when the same form was saved a moment ago.
    refused: ClassVar[HubError | None] = None

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean() or self.cleaned_data
        if self.refused is not None:
            self._say(self.refused)
        account_id = _account_of(cleaned, self.instance)
        # A field at fault leaves `cleaned` at once.
        for name, value in list(cleaned.items()):
            other = getattr(value, "account_id", None) if isinstance(value, Model) else None
            if account_id is not None and other is not None and other != account_id:
                self.add_error(name, "This belongs to another account.")
        return cleaned

    def _say(self, error: HubError) -> None:
        for problem in error.problems:
            self.add_error(problem.name if problem.name in self.fields else None, problem.message)
        if not error.problems:
            self.add_error(None, error.message)


def _account_of(cleaned: dict[str, Any], instance: Model) -> int | None:
    account = cleaned.get("account")
    return account.pk if isinstance(account, Account) else getattr(instance, "account_id", None)


class TwiceIsOnceForm(ConsoleForm):
    """For rows that the domain finds by itself when they are added again: on adding, it has the word, not the form."""

    def _post_clean(self) -> None:
        if self.instance._state.adding:
            # Django's form has no switch for these.
            self.instance.validate_constraints = _no_constraints
        super()._post_clean()  # type: ignore[misc]

    def validate_unique(self) -> None:
        if not self.instance._state.adding:
            super().validate_unique()


def _no_constraints(exclude: object = None) -> None:
    """Leaves constraints to the database."""
