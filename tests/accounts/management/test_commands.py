"""The commands that scripts rely on."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from accounts.domain import keys
from accounts.models import Account

pytestmark = pytest.mark.django_db


def run(*words: str) -> str:
    out = StringIO()
    call_command(*words, stdout=out)
    return out.getvalue()


def test_create_account_prints_the_id_alone() -> None:
    printed = run("create_account", "--name", "Acme")
    account = Account.objects.get()
    assert printed == f"{account.public_id}\n"
    assert (account.name, account.is_agency, account.parent) == ("Acme", False, None)


def test_create_account_makes_an_agency_and_its_client() -> None:
    agency = run("create_account", "--name", "Agency", "--agency").strip()
    client = run("create_account", "--name", "Client", "--parent", agency).strip()
    assert Account.objects.get(public_id=client).parent == Account.objects.get(public_id=agency, is_agency=True)


@pytest.mark.parametrize("by", ["public_id", "name"])
def test_create_api_key_prints_the_key_alone(by: str) -> None:
    account = Account.objects.create(name="Acme")
    printed = run("create_api_key", "--account", getattr(account, by), "--scopes", "hub:read, inkeep", "--name", "CI")
    assert printed.endswith("\n")
    context = keys.authenticate(printed[:-1])
    assert context is not None
    assert (context.account, context.name, context.scopes) == (account, "CI", {"hub:read", "inkeep"})


def test_create_api_key_makes_an_agency_key_for_an_agency_only() -> None:
    Account.objects.create(name="Agency", is_agency=True)
    context = keys.authenticate(run("create_api_key", "--account", "Agency", "--agency").strip())
    assert context is not None
    assert context.agency is True
    Account.objects.create(name="Acme")
    with pytest.raises(CommandError, match="Only an agency account can have an agency key"):
        run("create_api_key", "--account", "Acme", "--agency")


def test_an_unknown_account_is_named() -> None:
    with pytest.raises(CommandError, match="There is no account with the id or name 'Nobody'"):
        run("create_api_key", "--account", "Nobody")


def test_an_ambiguous_name_lists_the_ids() -> None:
    twins = [Account.objects.create(name="Acme") for _ in range(2)]
    with pytest.raises(CommandError, match=f"{twins[0].public_id}, {twins[1].public_id}"):
        run("create_api_key", "--account", "Acme")


def test_a_client_of_no_agency_is_refused() -> None:
    Account.objects.create(name="Acme")
    with pytest.raises(CommandError, match="Only an agency can have client accounts"):
        run("create_account", "--name", "Client", "--parent", "Acme")
    assert Account.objects.count() == 1
