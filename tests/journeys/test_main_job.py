"""The main job from end to end: request in, row, task, message out, page, answer, console.

The calls are the samples of the FeedbackAPI document with only host, key and ids changed.
"""

from __future__ import annotations

import re
import time

import httpx2
import pytest

from tests.journeys.services import Hub, eventually

pytestmark = pytest.mark.journey


@pytest.fixture(scope="module")
def account(hub: Hub) -> str:
    return hub.manage("create_account", "--name", "Savastano and Son")


@pytest.fixture(scope="module")
def key(hub: Hub, account: str) -> str:
    return hub.manage("create_api_key", "--account", account, "--name", "journey")


@pytest.fixture(scope="module")
def templates(hub: Hub, account: str) -> dict[str, str]:
    """Type to id; a new account has one of each."""
    rows = [line.split("\t") for line in hub.manage("list_templates", "--account", account).splitlines()]
    return {kind: public_id for public_id, kind, _name in rows}


@pytest.fixture(scope="module")
def location(hub: Hub, key: str) -> str:
    body = (
        'name="Apple Park"&address_line_1=The Spaceship, 1 Apple Park Way&address_line_2=Cupertino&address_line_3=CA'
        "&postal_code=90210&country_code=US"
        "&review_profile[]=https://www.google.com/search?q=apple+park+visitor+center+cupertino+ca+95014"
        "&review_profile[]=https://www.tripadvisor.co.uk/Attraction_Review-g32273-d13331376-Reviews-Apple_Park.html"
    )
    with hub.client(key, **{"Content-Type": "application/x-www-form-urlencoded"}) as client:
        answer = client.post("/v1.3/locations/", content=body.replace('"', ""))
    assert answer.status_code == 200, answer.text
    return str(answer.json()["id"])


def new_customer(hub: Hub, key: str, location: str, email: str, mobile: str) -> str:
    with hub.client(key) as client:
        answer = client.post(
            "/v1.3/customers",
            data={"mobile_number": mobile, "email": email, "country_code": "US", "location": location},
        )
    assert answer.status_code == 200, answer.text
    return str(answer.json()["id"])


def ask(hub: Hub, key: str, subscriber: str, template: str, **more: str) -> dict[str, object]:
    with hub.client(key) as client:
        answer = client.post("/v1.3/feedback-request/", data={"subscriber": subscriber, "template": template, **more})
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def landing_form(page: str) -> dict[str, str]:
    """The hidden fields of the page's first form."""
    return dict(re.findall(r'<input[^>]*type="hidden"[^>]*name="([^"]+)"[^>]*value="([^"]*)"', page))


def test_a_request_by_mail_is_sent_answered_and_triaged(hub: Hub, key, account, templates, location):
    subscriber = new_customer(hub, key, location, "jane@example.com", "+18135550101")
    request = ask(hub, key, subscriber, templates["email"])
    assert (request["type"], request["location"], request["feedback"]) == ("email", location, None)

    (mail,) = eventually(lambda: hub.mail.to("jane@example.com"), what="the mail")
    assert {part.get_content_type() for part in mail.walk()} >= {"text/plain", "text/html"}
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    link = re.search(r"http://127\.0\.0\.1:\d+/fb?/[\w-]+", mail.get_body(("plain",)).get_content())
    assert link, "the mail's text part has no landing link"

    with httpx2.Client(timeout=15, follow_redirects=True) as browser:
        page = browser.get(link.group())
        assert page.status_code == 200
        # Looking stores nothing: a mail scanner looks at every link.
        with hub.client(key) as client:
            assert client.get(f"/v1.3/feedback-request/{request['id']}").json()["feedback"] is None
        thanks = browser.post(link.group(), data={**landing_form(page.text), "score": "2"})
        assert thanks.status_code == 200, thanks.text
        words = "I guess I was expecting more. A disappointing experience"
        browser.post(str(thanks.url), data={**landing_form(thanks.text), "comment": words})

    with hub.client(key) as client:
        nested = client.get(f"/v1.3/feedback-request/{request['id']}").json()["feedback"]
        listed = client.get("/v1.3/feedback", params={"subscriber": subscriber}).json()
    assert (nested["type"], nested["nps-score"], nested["comments"]) == ("nps", 2, words)
    assert nested["subscriber"] == subscriber
    assert [row["id"] for row in listed["data"]] == [nested["id"]]

    item = hub.manage(
        "shell",
        "--no-imports",
        "-c",
        "from feedback.models import FeedbackItem as I; "
        f"print(*I.objects.filter(account__public_id='{account}').values_list('status', 'type', 'message'))",
    )
    assert item == f"('new', 'complaint', '{words}')"


def test_a_request_by_sms_for_a_moment_later_waits_until_it_is_due(hub: Hub, key, templates, location):
    subscriber = new_customer(hub, key, location, "ciro@example.com", "+18135550102")
    due = int(time.time()) + 4
    request = ask(hub, key, subscriber, templates["sms"], due=str(due))
    assert (request["type"], request["due"]) == ("sms", due)

    (sms,) = eventually(lambda: hub.sms.to("+18135550102"), what="the SMS")
    assert time.time() >= due
    assert sms["From"] == "+15005550006"
    assert re.search(r"/fb?/[\w-]+", sms["Body"])
    # Once each: nothing more comes in the ticks that follow.
    time.sleep(2.5)
    assert len(hub.sms.to("+18135550102")) == 1


def test_unsubscribing_with_one_click_stops_the_next_request(hub: Hub, key, templates, location):
    subscriber = new_customer(hub, key, location, "bobby@example.com", "+18135550103")
    ask(hub, key, subscriber, templates["email"])
    (mail,) = eventually(lambda: hub.mail.to("bobby@example.com"), what="the mail")
    unsubscribe = re.search(r"<(http[^>]+)>", mail["List-Unsubscribe"])
    assert unsubscribe
    answer = httpx2.post(unsubscribe.group(1), data={"List-Unsubscribe": "One-Click"}, timeout=15)
    assert answer.status_code == 200

    with hub.client(key) as client:
        assert client.get(f"/v1.3/customers/{subscriber}").json()["opt_out"] is True
        refused = client.post(
            "/v1.3/feedback-request/", data={"subscriber": subscriber, "template": templates["email"]}
        )
    assert refused.status_code == 402
    assert len(hub.mail.to("bobby@example.com")) == 1


def test_one_create_of_every_other_contract_lands(hub: Hub, key):
    bearer = {"Authorization": f"Bearer {key}"}
    with httpx2.Client(base_url=hub.url, timeout=15) as client:
        record = client.post(
            "/v1/feedback-records",
            headers=bearer,
            json={"field_id": "q1", "field_type": "rating", "source_type": "survey"},
        )
        item = client.post("/feedback", headers=bearer, json={"message": "The export hangs", "area": "Reports"})
        thumb = client.post("/feedback", headers=bearer, json={"type": "positive", "messageId": "m1"})
        better = {"X-BuildBetter-Api-Key": key}
        source = client.post("/v3/rest/feedback-sources", headers=better, json={"name": "NPS", "type": "api"})
        person = client.put(
            "/v3/rest/people",
            headers=better,
            json={"first_name": "Jane", "last_name": "Doe", "email": "jd@example.com", "boundary": "external"},
        )
        field = {"category": "content", "type": "string", "name": "comment", "value": "Great"}
        ingested = client.post(
            f"/v3/rest/feedback-sources/{source.json()['id']}/records",
            headers=better,
            json={"person_id": person.json()["id"], "external_id": "t-1", "fields": [field]},
        )
    statuses = [answer.status_code for answer in (record, item, thumb, source, person, ingested)]
    assert statuses == [201, 201, 200, 201, 200, 201]
