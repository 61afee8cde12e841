"""Forms of the sign-in pages."""

from __future__ import annotations

from typing import Any

from allauth.account.forms import ResetPasswordForm as AllauthResetPasswordForm
from django import forms
from django.contrib.auth.password_validation import password_validators_help_text_html
from django.http import HttpRequest

from accounts.domain import mails


class ResetPasswordForm(AllauthResetPasswordForm):
    """Leaves the mail to a worker, so that the page answers in the same time whether or not the address is known."""

    def save(self, request: HttpRequest, **kwargs: Any) -> str:
        email: str = self.cleaned_data["email"]
        mails.want_password_reset(email=email)
        return email


class JoinForm(forms.Form):
    """What a new user is asked; the domain checks it."""

    name = forms.CharField(
        label="Your name",
        help_text="Your team sees it beside what you do.",
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    phone = forms.CharField(
        label="Contact number",
        help_text=(
            "For whoever runs this hub to reach you when e-mail does not. Customers never see it, and the hub sends "
            "nothing to it. For example +43 1 234567."
        ),
        widget=forms.TextInput(attrs={"autocomplete": "tel", "type": "tel", "inputmode": "tel"}),
    )
    password = forms.CharField(
        label="Choose a password",
        strip=False,
        help_text=password_validators_help_text_html,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )


class ConfirmForm(forms.Form):
    """Nothing to ask: somebody who signs in already joins another account."""
