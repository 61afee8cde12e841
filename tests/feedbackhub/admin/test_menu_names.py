"""What the menu calls a page is what the page calls itself."""

from __future__ import annotations

from django.apps import apps
from django.contrib import admin
from django.test import RequestFactory

from accounts.admin.base import ConsoleChangeList
from feedbackhub.console import MENU


def test_a_page_has_the_name_that_the_menu_has_for_it(alice):
    request = RequestFactory().get("/")
    request.user = alice.user
    request.session = {}
    names = {}
    for _, rows in MENU:
        for title, label, _ in rows:
            page = admin.site.get_model_admin(apps.get_model(label))
            found = page.get_changelist_instance(request)
            assert isinstance(found, ConsoleChangeList)
            names[title] = found.title
    assert {title: name for title, name in names.items() if title != name} == {}
