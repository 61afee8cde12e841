"""Making macros, and applying them on an item's page."""

from __future__ import annotations

import pytest
from django.urls import reverse

from accounts.models import Membership
from feedback.domain import macros
from feedback.models import Macro, Reply
from tests.conftest import person
from tests.feedback.admin.test_item_page import do, page
from tests.feedback.writing import customer_of, item_from


@pytest.fixture
def item(account):
    return item_from(account, customer_of(account, fname="Mia"))


@pytest.fixture
def thanks(account, alice):
    return macros.create(
        account=account,
        actor=alice.actor,
        name="Thanks",
        key=2,
        status="reviewed",
        reply="Thank you, {{ customer.fname }}!",
    )


def preview(item, macro) -> str:
    return reverse("admin:feedback_feedbackitem_macro", args=[item.pk, macro.pk])


def test_a_macro_is_made_changed_and_deleted_in_the_console(account, bob):
    his = bob.signed_in()
    posted = {"account": account.pk, "name": "Close", "key": 3, "status": "closed", "type": "", "area": ""}
    assert his.post(reverse("admin:feedback_macro_add"), posted).status_code == 302
    macro = Macro.objects.get()
    assert (macro.account, macro.name, macro.key, macro.status) == (account, "Close", 3, "closed")
    change = reverse("admin:feedback_macro_change", args=[macro.pk])
    text = his.post(change, {**posted, "reply": "{{ wrong.name }}"}).content.decode()
    assert "Unknown placeholder wrong.name" in text
    assert his.post(change, {**posted, "status": "ignored"}).status_code == 302
    macro.refresh_from_db()
    assert macro.status == "ignored"
    his.post(reverse("admin:feedback_macro_delete", args=[macro.pk]), {"post": "yes"})
    assert not Macro.objects.exists()


def test_a_restricted_person_applies_macros_but_makes_none(account, item, alice):
    macro = macros.create(account=account, actor=alice.actor, name="Close", status="closed")
    rita = person("Rita", account, Membership.Role.RESTRICTED).signed_in()
    assert "Applied “Close”." in do(rita, item, "macro", macro.pk, version=1)
    assert item.status == "closed"
    assert rita.get(reverse("admin:feedback_macro_add")).status_code == 403
    assert rita.get(reverse("admin:feedback_macro_changelist")).status_code == 200


def test_one_that_writes_to_somebody_is_looked_at_first(item, thanks, bob):
    his = bob.signed_in()
    assert "look at what it says first" in do(his, item, "macro", thanks.pk, version=1)
    assert not Reply.objects.exists()
    text = his.get(preview(item, thanks)).content.decode()
    assert "Thank you, Mia!" in text
    assert "Applied “Thanks”." in do(his, item, "macro", thanks.pk, version=1, confirmed="yes")
    assert Reply.objects.get().body == "Thank you, Mia!"
    assert "by the macro “Thanks”" in his.get(page(item)).content.decode()


def test_the_preview_says_why_it_cannot_be_applied(item, thanks, bob):
    type(item).objects.update(allow_contact=False)
    text = bob.signed_in().get(preview(item, thanks)).content.decode()
    assert "They did not say that they may be contacted about this." in text
    assert "confirmed" not in text


def test_charlie_sees_and_applies_no_macro_of_alices(item, thanks, charlie, other_account):
    his = charlie.signed_in()
    own = item_from(other_account)
    assert his.get(preview(item, thanks)).status_code == 404
    assert his.get(preview(own, thanks)).status_code == 404
    assert "There is no such macro." in do(his, own, "macro", thanks.pk, confirmed="yes")
    assert "Thanks" not in his.get(page(own)).content.decode()


def test_every_key_of_the_page_is_in_its_help(item, bob):
    text = bob.signed_in().get(page(item)).content.decode()
    help_text = text.split('id="help-dialog"')[1].split("</dialog>")[0]
    for key in "jkuestrailmnRAdz/?":
        assert f"<kbd>{key}</kbd>" in help_text, key
