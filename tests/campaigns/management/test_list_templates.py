"""`manage.py list_templates`."""

from __future__ import annotations

import pytest
from django.core.management import CommandError, call_command

from accounts.models import Account
from campaigns.domain import templates

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("named", ["name", "public_id"])
def test_lists_id_type_and_name(
    account: Account, other_account: Account, named: str, capsys: pytest.CaptureFixture[str]
):
    mail, sms = templates.defaults_for(account)
    templates.defaults_for(other_account)
    call_command("list_templates", account=getattr(account, named))
    assert capsys.readouterr().out == (
        f"{mail.public_id}\temail\tFeedback request by e-mail\n{sms.public_id}\tsms\tFeedback request by SMS\n"
    )


def test_an_unknown_account_is_an_error(db: None):
    with pytest.raises(CommandError):
        call_command("list_templates", account="nobody")
