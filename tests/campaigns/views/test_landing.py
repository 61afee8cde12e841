"""The landing page over HTTP, with a client that checks the promises made for every reply."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
import time_machine
from django.http import HttpResponse
from django.test import Client, override_settings
from django.utils import timezone

from accounts.models import Account
from campaigns.models import FeedbackRequest, MessageTemplate
from campaigns.views import landing_limits
from crm.models import Customer, Location
from feedback.models import FeedbackItem, FeedbackRecord, Response
from reviews.models import Platform, ReviewProfile

pytestmark = pytest.mark.django_db

FORM = "application/x-www-form-urlencoded"
STALE = "This page was open for a long time. Please press the button once more."
# Names that no random token spells by chance.
PERSON = ("Annemarie", "Doe-Whitfield", "jane@example.com", "+4366012345678")


class Visitor(Client):
    """A browser without scripts. Whatever comes back is uncacheable, unlisted, cookie-free and names nobody."""

    def request(self, **request: Any) -> Any:
        response = super().request(**request)
        assert response["Cache-Control"] == "no-store"
        assert response["Referrer-Policy"] == "no-referrer"
        assert "noindex" in response["X-Robots-Tag"]
        assert not response.cookies
        if response.content and response["Content-Type"].startswith("text/html"):
            text = response.content.decode()
            assert not [known for known in PERSON if known in text]
            assert '<html lang="en">' in text
            assert " style=" not in text
            assert "<script>" not in text
        return response

    def form_of(self, url: str) -> dict[str, str]:
        return hidden_fields(self.get(url).content.decode())

    def send(self, url: str, **fields: str) -> Any:
        return self.post(url, {**self.form_of(url), **fields}, content_type=FORM)

    def post(self, path: str, data: Any = None, content_type: str = "", **more: Any) -> Any:  # type: ignore[override]
        body = urlencode(data or {}) if isinstance(data, dict) or data is None else data
        return super().post(path, body, content_type=content_type or FORM, **more)


def hidden_fields(text: str) -> dict[str, str]:
    return dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', text))


@pytest.fixture
def visitor() -> Visitor:
    return Visitor()


@pytest.fixture
def location(account: Account) -> Location:
    return Location.objects.create(account=account, name="Main Street", country_code="AT")


def ask(location: Location, question: str = "nps") -> FeedbackRequest:
    account = location.account
    template = MessageTemplate.objects.create(
        account=account, name="Ask", channel="sms", question=question, body="{{ link }}"
    )
    customer, _ = Customer.objects.get_or_create(
        account=account, email=PERSON[2], mobile_number=PERSON[3], fname="Annemarie", sname="Doe-Whitfield"
    )
    return FeedbackRequest.objects.create(
        account=account, customer=customer, template=template, location=location, due_at=timezone.now()
    )


def add_profile(location: Location, name: str = "Google", url: str = "https://google.example/a") -> ReviewProfile:
    platform, _ = Platform.objects.get_or_create(slug=name.lower(), defaults={"name": name})
    return ReviewProfile.objects.create(account=location.account, location=location, platform=platform, url=url)


@pytest.fixture
def asked(location: Location) -> FeedbackRequest:
    return ask(location)


@pytest.fixture
def url(asked: FeedbackRequest) -> str:
    return f"/f/{asked.landing_token}"


def checked(text: str) -> list[str]:
    return re.findall(r'value="([^"]+)"[^>]* checked', text)


class TestShowing:
    def test_nps_offers_eleven_radios_in_one_group(self, visitor: Visitor, url: str) -> None:
        text = visitor.get(url).content.decode()

        values = re.findall(r'type="radio" name="score" id="score-\d+" value="(\d+)" required', text)
        assert values == [str(score) for score in range(11)]
        assert re.findall(r'<label for="score-(\d+)"', text) == values
        assert "<legend><h1>How likely are you to recommend Alice&#x27;s Bakery to a friend or colleague?</h1>" in text
        assert "Main Street" in text

    def test_stars_offer_five_radios_with_words(self, visitor: Visitor, location: Location) -> None:
        text = visitor.get(f"/f/{ask(location, 'star-rating').landing_token}").content.decode()
        assert re.findall(r'name="score" id="score-\d" value="(\d)"', text) == ["1", "2", "3", "4", "5"]
        assert re.findall(r"(\d stars?): \w", text) == ["1 star", "2 stars", "3 stars", "4 stars", "5 stars"]

    def test_happy_offers_two_radios(self, visitor: Visitor, location: Location) -> None:
        text = visitor.get(f"/f/{ask(location, 'happy').landing_token}").content.decode()
        assert re.findall(r'name="score" id="score-\w+" value="(\w+)"', text) == ["happy", "unhappy"]

    def test_the_branded_address_shows_the_same_page(self, visitor: Visitor, asked: FeedbackRequest) -> None:
        answer = visitor.get(f"/fb/{asked.landing_token}/")
        assert answer.status_code == 200
        assert f'action="/fb/{asked.landing_token}"' in answer.content.decode()

    def test_the_accounts_colour_comes_as_a_nonced_style(self, visitor: Visitor, url: str) -> None:
        Account.objects.update(brand_color="#0b6e4f")
        answer = visitor.get(url)
        nonce = re.search(r"'nonce-([^']+)'", answer["Content-Security-Policy"])
        assert nonce
        assert f'<style nonce="{nonce.group(1)}">:root{{--brand:#0b6e4f;' in answer.content.decode()

    def test_names_are_text_whatever_they_hold(self, visitor: Visitor, url: str) -> None:
        Account.objects.update(brand_name="<script>alert(1)</script>")
        Location.objects.update(name='"><img src=x>')
        text = visitor.get(url).content.decode()
        assert "<img" not in text
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text

    def test_showing_the_question_is_one_query(
        self, visitor: Visitor, url: str, django_assert_num_queries: Any
    ) -> None:
        with django_assert_num_queries(1):
            visitor.get(url)

    def test_showing_the_end_is_two_queries(
        self, visitor: Visitor, url: str, location: Location, django_assert_num_queries: Any
    ) -> None:
        add_profile(location)
        add_profile(location, "Yelp", "https://yelp.example/a")
        visitor.send(url, score="3")
        with django_assert_num_queries(2):
            visitor.get(f"{url}?step=done")

    @pytest.mark.parametrize("score", ["0", "8", "10"])
    def test_a_score_in_the_link_is_preselected_and_not_stored(self, visitor: Visitor, url: str, score: str) -> None:
        before = FeedbackRequest.objects.values().get()
        for method in (visitor.get, visitor.head):
            assert method(f"{url}?score={score}").status_code == 200

        assert checked(visitor.get(f"{url}?score={score}").content.decode()) == [score]
        assert Response.objects.count() == 0
        assert FeedbackRequest.objects.values().get() == before

    @pytest.mark.parametrize("score", ["11", "-1", "", "happy", "8.0", '"><b>', "%00", "8&score=x"])
    def test_a_score_that_is_none_preselects_nothing(self, visitor: Visitor, url: str, score: str) -> None:
        assert checked(visitor.get(f"{url}?score={score}").content.decode()) == []


class TestAnswering:
    def test_answer_comment_and_review_links_follow_each_other(
        self, visitor: Visitor, url: str, location: Location, account: Account
    ) -> None:
        add_profile(location)
        answered = visitor.send(url, score="2")
        assert (answered.status_code, answered["Location"]) == (303, url)

        second = visitor.get(url).content.decode()
        assert "You gave 2 out of 10." in second
        assert '<textarea id="comment" name="comment"' in second

        commented = visitor.send(url, comment="A bit <slow>")
        assert (commented.status_code, commented["Location"]) == (303, url)

        third = visitor.get(url).content.decode()
        assert "Review us on Google" in third
        assert "slow" not in third
        response = Response.objects.get()
        assert (response.account, response.score.value_number) == (account, 2)
        assert response.comment is not None
        assert response.comment.value_text == "A bit <slow>"
        assert FeedbackItem.objects.get().message == "A bit <slow>"

    @pytest.mark.parametrize(
        ("kind", "score", "words"),
        [
            ("star-rating", "4", "You gave 4 out of 5 stars."),
            ("happy", "happy", "You said that you are happy."),
            ("happy", "unhappy", "You said that you are unhappy."),
            ("nps", "0", "You gave 0 out of 10."),
        ],
    )
    def test_thanks_say_what_was_stored(
        self, visitor: Visitor, location: Location, kind: str, score: str, words: str
    ) -> None:
        link = f"/f/{ask(location, kind).landing_token}"
        visitor.send(link, score=score)
        assert words in visitor.get(link).content.decode()

    def test_a_second_answer_changes_nothing_and_shows_the_first(self, visitor: Visitor, url: str) -> None:
        form = visitor.form_of(url)
        visitor.post(url, {**form, "score": "9"})
        again = visitor.post(url, {**form, "score": "1"})

        assert again.status_code == 303
        assert "You gave 9 out of 10." in visitor.get(url).content.decode()
        assert FeedbackRecord.objects.get().value_number == 9

    def test_a_declined_comment_goes_on_to_the_end(self, visitor: Visitor, url: str) -> None:
        visitor.send(url, score="9")
        declined = visitor.send(url, comment="  ")
        assert (declined.status_code, declined["Location"]) == (303, f"{url}?step=done")
        assert FeedbackRecord.objects.count() == 1

    @pytest.mark.parametrize(
        ("score", "says"),
        [
            ("", "Choose one of the answers."),
            ("abc", "Choose one of the answers."),
            ("8.5", "Choose one of the answers."),
            ("-1", "Choose one of the answers."),
            ("٣", "Choose one of the answers."),
            ("9" * 5000, "Choose one of the answers."),
            ("11", "Choose one of the answers."),
            ("happy", "Choose one of the answers."),
            ("\x00", "Choose one of the answers."),
        ],
    )
    def test_a_score_that_is_none_is_named_and_not_stored(
        self, visitor: Visitor, url: str, score: str, says: str
    ) -> None:
        answer = visitor.send(url, score=score)
        assert answer.status_code == 400
        assert f'role="alert">{says}</p>' in answer.content.decode()
        assert Response.objects.count() == 0

    def test_a_comment_that_is_too_long_comes_back_to_be_shortened(self, visitor: Visitor, url: str) -> None:
        visitor.send(url, score="2")
        answer = visitor.send(url, comment="x" * 5001)
        assert answer.status_code == 400
        text = answer.content.decode()
        assert "Keep the comment within 5000 characters." in text
        assert "x" * 5001 in text
        assert FeedbackItem.objects.count() == 0

    def test_json_is_refused(self, visitor: Visitor, url: str) -> None:
        assert visitor.post(url, b'{"score": 3}', content_type="application/json").status_code == 415

    def test_other_methods_are_refused(self, visitor: Visitor, url: str) -> None:
        for method in (visitor.put, visitor.delete, visitor.patch):
            assert method(url).status_code == 405


class TestWhoMaySend:
    def refused(self, visitor: Visitor, url: str, form: dict[str, str]) -> None:
        answer = visitor.post(url, {**form, "score": "7"})
        assert answer.status_code == 403
        text = answer.content.decode()
        assert STALE in text
        # What was chosen is kept, and the new form works.
        assert checked(text) == ["7"]
        assert Response.objects.count() == 0
        assert visitor.post(url, {**hidden_fields(text), "score": "7"}).status_code == 303

    def test_a_foreign_sites_form_is_refused(self, visitor: Visitor, url: str) -> None:
        self.refused(visitor, url, {})

    def test_a_forged_token_is_refused(self, visitor: Visitor, url: str) -> None:
        good = visitor.form_of(url)["form"]
        self.refused(visitor, url, {"form": good[:-1] + ("A" if good[-1] != "A" else "B")})

    def test_another_links_token_is_refused(self, visitor: Visitor, url: str, location: Location) -> None:
        self.refused(visitor, url, visitor.form_of(f"/f/{ask(location, 'happy').landing_token}"))

    def test_a_page_left_open_for_too_long_is_shown_again(self, visitor: Visitor, url: str) -> None:
        with time_machine.travel(timezone.now() - timedelta(hours=25)):
            old = visitor.form_of(url)
        self.refused(visitor, url, old)

    def test_a_rotated_secret_key_does_not_refuse_open_pages(self, visitor: Visitor, url: str) -> None:
        with override_settings(SECRET_KEY="the old key" * 6):
            old = visitor.form_of(url)
        with override_settings(SECRET_KEY_FALLBACKS=["the old key" * 6]):
            assert visitor.post(url, {**old, "score": "7"}).status_code == 303

    def test_whoever_fills_in_the_hidden_field_is_asked_again(self, visitor: Visitor, url: str) -> None:
        answer = visitor.send(url, score="7", website="https://spam.example")
        assert answer.status_code == 400
        assert Response.objects.count() == 0

    def test_an_answer_in_no_time_is_kept_with_a_suspicion(self, visitor: Visitor, url: str) -> None:
        visitor.send(url, score="7")
        assert FeedbackRecord.objects.get().metadata == {"suspicions": ["fast"]}

    def test_an_answer_after_a_moment_is_not_suspected(self, visitor: Visitor, url: str) -> None:
        with time_machine.travel(timezone.now() - timedelta(seconds=20)):
            form = visitor.form_of(url)
        visitor.post(url, {**form, "score": "7"})
        assert FeedbackRecord.objects.get().metadata is None


class TestLimits:
    def test_an_address_that_tries_links_is_slowed_down_and_good_links_stay_open(
        self, visitor: Visitor, url: str
    ) -> None:
        tries = [visitor.get(f"/f/{n:024d}") for n in range(landing_limits.MISSES_PER_ADDRESS + 5)]

        assert [answer.status_code for answer in tries] == [404] * 20 + [429] * 5
        assert 1 <= int(tries[-1]["Retry-After"]) <= 60
        assert visitor.get(url).status_code == 200
        assert visitor.get("/f/" + "x" * 24, REMOTE_ADDR="203.0.113.9").status_code == 404

    def test_addresses_of_one_ipv6_network_share_a_limit(self, visitor: Visitor) -> None:
        for n in range(landing_limits.MISSES_PER_ADDRESS):
            visitor.get("/f/" + "x" * 24, REMOTE_ADDR=f"2001:db8::{n:x}")
        assert visitor.get("/f/" + "x" * 24, REMOTE_ADDR="2001:db8::ffff").status_code == 429
        assert visitor.get("/f/" + "x" * 24, REMOTE_ADDR="2001:db8:0:1::1").status_code == 404

    def test_one_link_takes_so_many_posts_a_minute_wherever_they_come_from(self, visitor: Visitor, url: str) -> None:
        codes = [
            visitor.post(url, {"score": "1"}, REMOTE_ADDR=f"198.51.100.{n}").status_code
            for n in range(landing_limits.POSTS_PER_LINK + 1)
        ]
        assert codes == [403] * 20 + [429]


class TestUnknownAndClosed:
    @pytest.mark.parametrize("path", ["", "/seen", "/go/abc"])
    def test_links_that_lead_nowhere_all_look_the_same(self, visitor: Visitor, path: str) -> None:
        tokens = ["x", "A" * 24, "%00" * 20, "%F0%9F%98%80" * 6, "a" * 3000]
        send = visitor.get if not path else visitor.post
        answers = [send(f"/f/{token}{path}", {"form": "x"} if path else None) for token in tokens]

        if path:
            # Without a form token of the link nothing is looked up at all.
            assert {answer.status_code for answer in answers} <= {204, 303}
            return
        assert {answer.status_code for answer in answers} == {404}
        assert len({answer.content for answer in answers}) == 1

    @pytest.mark.parametrize(
        ("how", "says"),
        [
            ("inactive", "No answers are being collected right now"),
            ("location", "This page is closed"),
            ("expired", "This link has expired"),
        ],
    )
    def test_a_closed_page_says_so_and_takes_nothing(self, visitor: Visitor, url: str, how: str, says: str) -> None:
        form = visitor.form_of(url)
        then = timezone.now() - timedelta(days=200)
        if how == "inactive":
            Account.objects.update(active=False)
        elif how == "location":
            Location.objects.update(deleted_at=timezone.now())
        else:
            FeedbackRequest.objects.update(due_at=then, created_at=then)

        shown = visitor.get(url)
        assert (shown.status_code, says in shown.content.decode()) == (410, True)
        assert visitor.post(url, {**form, "score": "3"}).status_code == 303
        assert Response.objects.count() == 0


class TestHumanSignals:
    def test_a_signal_of_a_person_marks_the_click_once(self, visitor: Visitor, url: str) -> None:
        with time_machine.travel(timezone.now() - timedelta(seconds=3)):
            form = visitor.form_of(url)
        assert visitor.post(f"{url}/seen", form).status_code == 204
        first = FeedbackRequest.objects.get().clicked_at
        assert first is not None
        visitor.post(f"{url}/seen", form)
        assert FeedbackRequest.objects.get().clicked_at == first

    @pytest.mark.parametrize("form", [{}, {"form": "forged"}])
    def test_a_signal_without_the_pages_token_counts_nothing(
        self, visitor: Visitor, url: str, form: dict[str, str]
    ) -> None:
        assert visitor.post(f"{url}/seen", form).status_code == 204
        assert FeedbackRequest.objects.get().clicked_at is None

    def test_a_signal_in_no_time_counts_nothing(self, visitor: Visitor, url: str) -> None:
        visitor.post(f"{url}/seen", visitor.form_of(url))
        assert FeedbackRequest.objects.get().clicked_at is None

    def test_fetching_the_signals_address_counts_nothing(self, visitor: Visitor, url: str) -> None:
        assert visitor.get(f"{url}/seen").status_code == 405
        assert FeedbackRequest.objects.get().clicked_at is None


def form_action(response: HttpResponse) -> str:
    """The directive, wherever in the policy it stands: its order is not fixed."""
    directives = response["Content-Security-Policy"].split("; ")
    return next(each for each in directives if each.startswith("form-action"))


class TestReviewLinks:
    def links(self, text: str) -> list[str]:
        return re.findall(r'action="(/f/[^"]+/go/[^"]+)"', text)

    def test_happy_and_unhappy_see_the_same_links(self, visitor: Visitor, location: Location) -> None:
        add_profile(location, "Yelp", "https://yelp.example/a")
        add_profile(location)
        pages = []
        for score in ("happy", "unhappy"):
            link = f"/f/{ask(location, 'happy').landing_token}"
            visitor.send(link, score=score)
            text = visitor.get(f"{link}?step=done").content.decode()
            pages.append([re.sub(r"^/f/[^/]+", "", action) for action in self.links(text)])
            assert re.findall(r"Review us on (\w+)", text) == ["Yelp", "Google"]
        assert pages[0] == pages[1]

    def test_following_leads_to_the_stored_address_and_is_noted(
        self, visitor: Visitor, url: str, location: Location
    ) -> None:
        add_profile(location, url="https://google.example/a?x=1&y=2")
        visitor.send(url, score="3")
        done = visitor.get(f"{url}?step=done").content.decode()
        (action,) = self.links(done)

        gone = visitor.post(action, hidden_fields(done))

        assert (gone.status_code, gone["Location"]) == (303, "https://google.example/a?x=1&y=2")
        assert Response.objects.get().platform_name == "Google"

    def test_a_scanner_that_fetches_the_address_goes_nowhere_and_counts_nothing(
        self, visitor: Visitor, url: str, location: Location
    ) -> None:
        add_profile(location)
        visitor.send(url, score="3")
        (action,) = self.links(visitor.get(f"{url}?step=done").content.decode())

        assert visitor.get(action)["Location"] == f"{url}?step=done"
        assert visitor.post(action)["Location"] == f"{url}?step=done"
        assert Response.objects.get().platform_name is None

    @pytest.mark.parametrize("extra", ["?url=https://evil.example", "?next=//evil.example", "?to=javascript:x"])
    def test_no_parameter_redirects(self, visitor: Visitor, url: str, location: Location, extra: str) -> None:
        add_profile(location)
        visitor.send(url, score="3")
        done = visitor.get(f"{url}?step=done").content.decode()
        (action,) = self.links(done)
        form = {**hidden_fields(done), "url": "https://evil.example", "next": "https://evil.example"}
        assert visitor.post(f"{action}{extra}", form)["Location"] == "https://google.example/a"
        assert visitor.post(f"{url}/go/{'0' * 16}", form).status_code == 404

    def test_the_browser_may_follow_the_redirect(self, visitor: Visitor, url: str, location: Location) -> None:
        """form-action binds a form's redirects, too."""
        assert form_action(visitor.get(url)) == "form-action 'self'"
        add_profile(location)
        visitor.send(url, score="3")
        assert form_action(visitor.get(f"{url}?step=done")) == "form-action 'self' https:"
