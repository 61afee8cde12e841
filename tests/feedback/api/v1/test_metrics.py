"""GET /api/v1/metrics, /{metric} and /items."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, get_args

import pytest

from accounts.models import Account
from crm.models import Location
from feedback.api.v1 import metrics as edge
from feedback.domain.metrics import METRICS
from feedback.models import FeedbackItem
from feedbackhub.api.own.contract import API
from tests.clients import ContractClient, caller_of
from tests.feedback.domain.queries.test_metrics import answer

pytestmark = pytest.mark.django_db
MARCH = "from=2026-03-09&to=2026-03-15"


@pytest.fixture
def api(account: Account) -> ContractClient:
    return caller_of(API, account)


def test_the_document_knows_every_metric():
    assert get_args(edge.Metric) == tuple(METRICS)


def test_the_list_has_every_metric_with_what_it_rests_on(api: ContractClient, account: Account):
    for value in (10, 10, 9, 9, 9, 8, 7, 7, 3, 0):
        answer(account, "nps", value)
    answer(account, "nps", 0, datetime(2026, 3, 3, tzinfo=UTC))

    found = {each["metric"]: each for each in api.get(f"/api/v1/metrics?{MARCH}").json()["data"]}

    assert list(found) == list(METRICS)
    nps = found["nps"]
    assert {name: round(value, 2) for name, value in nps["current"].items()} == {
        "n": 10,
        "value": 30,
        "low": -19.05,
        "high": 65.2,
    }
    assert (nps["formula"], nps["unit"], nps["previous"]["n"], nps["previous"]["value"]) == ("nps", "points", 1, -100)
    assert (nps["difference"]["value"], nps["difference"]["changed"]) == (130, False)
    nothing = {"n": 0, "value": None, "low": None, "high": None}
    assert (found["csat"]["current"], found["csat"]["difference"]) == (nothing, None)


def test_one_metric_has_a_series_places_and_sources(api: ContractClient, account: Account):
    place = Location.objects.create(account=account, name="Here", country_code="US")
    answer(account, "csat", 5, location=place)

    found = api.get(f"/api/v1/metrics/csat?{MARCH}&step=day").json()

    assert [point["start"] for point in found["series"]][::6] == ["2026-03-09", "2026-03-15"]
    assert [point["n"] for point in found["series"]] == [0, 1, 0, 0, 0, 0, 0]
    assert [(group["id"], group["name"], group["n"]) for group in found["locations"]] == [(place.public_id, "Here", 1)]
    assert [(group["id"], group["value"]) for group in found["sources"]] == [("hub", 100)]
    assert api.get(f"/api/v1/metrics/csat?{MARCH}&location={place.public_id}").json()["current"]["n"] == 1
    assert api.get(f"/api/v1/metrics/csat?{MARCH}&source=review").json()["current"]["n"] == 0


def test_items_have_volumes_and_spans(api: ContractClient, account: Account):
    FeedbackItem.objects.create(account=account, channel="product", message="x")
    found = api.get("/api/v1/metrics/items").json()
    assert (found["made"], found["open"], found["response_seconds"]) == (1, 1, {"n": 0, "median": None, "p90": None})
    assert sum(volume["n"] for volume in found["items"]) == 1


@pytest.mark.parametrize(
    ("path", "status", "named"),
    [
        ("/api/v1/metrics/speed", 404, []),
        ("/api/v1/metrics?from=2026-3-9", 400, ["from"]),
        ("/api/v1/metrics?to=2026-02-30", 400, ["to"]),
        ("/api/v1/metrics?to=2026-W05-1", 400, ["to"]),
        ("/api/v1/metrics?from=0001-01-01", 400, ["from"]),
        ("/api/v1/metrics?from=2026-03-10&to=2026-03-09", 400, ["from"]),
        ("/api/v1/metrics?source=fax", 400, ["source"]),
        ("/api/v1/metrics/nps?step=hour", 400, ["step"]),
        ("/api/v1/metrics?step=day", 400, ["step"]),
        ("/api/v1/metrics?location=x", 400, ["location"]),
    ],
)
def test_odd_questions_name_what_is_wrong(api: ContractClient, path: str, status: int, named: list[str]):
    response = api.get(path)
    problems: list[Any] = response.json().get("invalid_params", [])
    assert (response.status_code, [problem["name"] for problem in problems]) == (status, named)


def test_another_accounts_location_is_as_unknown_as_none(account: Account, other_account: Account):
    place = Location.objects.create(account=account, name="Here", country_code="US")
    response = caller_of(API, other_account).get(f"/api/v1/metrics?location={place.public_id}")
    assert (response.status_code, response.json()["invalid_params"][0]["name"]) == (400, "location")
