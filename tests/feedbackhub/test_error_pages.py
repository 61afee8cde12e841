"""What people see when a page is missing, refused or broken."""

from __future__ import annotations

import pytest
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.test import Client, override_settings
from django.urls import path

from feedbackhub.api import urls as kit


def refuse(request: HttpRequest) -> HttpResponse:
    raise PermissionDenied


def break_down(request: HttpRequest) -> HttpResponse:
    raise RuntimeError("canary")


urlpatterns = [path("refused", refuse), path("broken", break_down)]
handler400, handler403 = kit.handler400, kit.handler403
handler404, handler500 = kit.handler404, kit.handler500


@override_settings(ROOT_URLCONF=__name__)
@pytest.mark.parametrize(
    ("address", "host", "status", "title"),
    [
        ("/missing", "testserver", 404, "Page not found"),
        ("/refused", "testserver", 403, "Not allowed"),
        ("/broken", "testserver", 500, "Something went wrong"),
        ("/missing", "bad host", 400, "Request not understood"),
    ],
)
def test_an_error_outside_the_apis_is_a_page_in_our_own_dress(address: str, host: str, status: int, title: str) -> None:
    answer = Client(raise_request_exception=False).get(address, HTTP_HOST=host)

    text = answer.content.decode()
    assert (answer.status_code, answer["Content-Type"]) == (status, "text/html; charset=utf-8")
    assert f"<title>{title}</title>" in text
    assert '<link rel="stylesheet" href="/static/public/public.css">' in text
    assert "canary" not in text
