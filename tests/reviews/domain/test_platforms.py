"""Recognising review sites."""

from __future__ import annotations

import pytest

from feedbackhub.errors import Invalid
from reviews.domain import platforms
from reviews.models import Platform

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://www.google.com/search?q=apple+park+visitor+center+cupertino+ca+95014", "Google"),
        ("https://maps.google.co.uk/maps?cid=1", "Google"),
        ("https://g.page/r/abc/review", "Google"),
        ("https://play.google.com/store/apps/details?id=a", "Google Play"),
        ("https://www.tripadvisor.co.uk/Attraction_Review-g32273.html", "Tripadvisor"),
        ("HTTP://M.FACEBOOK.COM/acme", "Facebook"),
        ("https://fb.me/acme", "Facebook"),
        ("https://www.yelp.com.au/biz/acme", "Yelp"),
        ("https://uk.trustpilot.com/review/acme.example", "Trustpilot"),
        ("https://www.thereview.site/reviews/1", "thereview.site"),
        ("https://google.com.evil.example/", "google.com.evil.example"),
        ("https://notgoogle.com/", "notgoogle.com"),
        ("https://google.evil.co/", "google.evil.co"),
        ("https://bücher.example/", "xn--bcher-kva.example"),
    ],
)
def test_a_page_is_on_the_platform_of_its_host(url: str, name: str) -> None:
    page = platforms.recognise(url)
    assert (page.url, page.platform.name) == (url, name)


def test_one_platform_is_one_row() -> None:
    for url in ("https://google.com/a", "https://google.de/b", "https://g.page/c"):
        platforms.recognise(url)
    assert Platform.objects.get().slug == "google"


@pytest.mark.parametrize(
    "url",
    [
        "",
        "google.com",
        "//google.com/a",
        "ftp://google.com/a",
        "javascript:alert(1)//https://google.com",
        "https://",
        "https://user:secret@google.com/a",
        "https://google.com/a b",
        "https://google.com/\nX: y",
        "https://google.com/" + "a" * 2048,
        "https://[::1",
    ],
)
def test_anything_but_a_plain_web_address_is_refused(url: str) -> None:
    with pytest.raises(Invalid):
        platforms.recognise(url)
    assert not Platform.objects.exists()
