"""The official Python client of Leadping against a running hub: nothing but host and key are changed."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from itertools import cycle
from typing import TypeVar

import pytest
from kiota_abstractions.authentication import ApiKeyAuthenticationProvider, KeyLocation
from kiota_abstractions.base_request_configuration import RequestConfiguration
from kiota_http.httpx_request_adapter import HttpxRequestAdapter
from kiota_http.kiota_client_factory import KiotaClientFactory
from leadping import LeadpingOpenApiClient
from leadping.feedback.admin.admin_request_builder import AdminRequestBuilder
from leadping.feedback.admin.all.all_request_builder import AllRequestBuilder
from leadping.models.exact_match_filter import ExactMatchFilter
from leadping.models.feedback_admin_update_request import FeedbackAdminUpdateRequest
from leadping.models.feedback_admin_update_request_status import FeedbackAdminUpdateRequest_status
from leadping.models.feedback_admin_update_request_type import FeedbackAdminUpdateRequest_type
from leadping.models.feedback_create_request import FeedbackCreateRequest
from leadping.models.feedback_create_request_type import FeedbackCreateRequest_type
from leadping.models.feedback_response import FeedbackResponse
from leadping.models.feedback_status import FeedbackStatus
from leadping.models.feedback_type import FeedbackType
from leadping.models.order_by_option import OrderByOption
from leadping.models.order_by_option_direction import OrderByOption_direction
from leadping.models.problem_details import ProblemDetails
from leadping.models.range_filter import RangeFilter
from leadping.models.request_data_options import RequestDataOptions
from pytest_django.live_server_helper import LiveServer

from accounts.models import Account
from feedback.models import FeedbackItem

T = TypeVar("T")
Call = Callable[[LeadpingOpenApiClient], Awaitable[T]]


class Sdk:
    """Runs one call of the client at a time, each with a client and an event loop of its own."""

    def __init__(self, base_url: str, secret: str) -> None:
        self.base_url = base_url
        self.secret = secret

    def run(self, call: Call[T]) -> T:
        async def once() -> T:
            # Host names only: with the address in it the client would send no key.
            hosts = ["127.0.0.1", "localhost"]
            provider = ApiKeyAuthenticationProvider(KeyLocation.Header, f"Bearer {self.secret}", "Authorization", hosts)
            async with KiotaClientFactory.create_with_default_middleware() as http:
                adapter = HttpxRequestAdapter(provider, http_client=http)
                adapter.base_url = self.base_url
                return await call(LeadpingOpenApiClient(adapter))

        # On a thread of its own: the browser tests keep an event loop on this one.
        with ThreadPoolExecutor(1) as thread:
            return thread.submit(asyncio.run, once()).result()


@pytest.fixture
def sdk(live_server: LiveServer, secret: str) -> Sdk:
    return Sdk(f"{live_server.url}/leadping", secret)


@pytest.fixture
def at_root(live_server: LiveServer, secret: str) -> Sdk:
    """Where the original has its one public address."""
    return Sdk(live_server.url, secret)


def submit(sdk: Sdk, **values: object) -> FeedbackResponse:
    answer = sdk.run(lambda client: client.feedback.post(FeedbackCreateRequest(**values)))
    assert answer is not None
    return answer


def test_what_the_client_submits_is_an_item_and_reads_back_typed(sdk: Sdk, account: Account) -> None:
    answer = submit(
        sdk,
        message="The export hangs",
        type=FeedbackCreateRequest_type.Feature_request,
        route="/reports",
        area="Reports",
        allow_contact=True,
        client_version="2.4.1",
    )
    item = FeedbackItem.objects.get()
    assert (answer.id, answer.business_id, answer.message) == (str(item.pk), account.public_id, "The export hangs")
    assert (answer.type, answer.status) == (FeedbackType.Feature_request, FeedbackStatus.New)
    assert (answer.route, answer.area, answer.allow_contact, answer.client_version) == (
        "/reports",
        "Reports",
        True,
        "2.4.1",
    )
    assert answer.created_at == item.created_at
    assert (answer.business_name_snapshot, answer.environment, answer.server_version) == (
        "Alice's Bakery",
        "test",
        "0.1.0",
    )
    assert (answer.admin_note, answer.reviewed_at, answer.closed_at, answer.user_id) == (None, None, None, None)
    assert answer.user_agent is not None
    assert "kiota-python" in answer.user_agent


def test_at_the_root_the_client_submits_and_reads_refusals(at_root: Sdk) -> None:
    answer = submit(at_root, message="Hello")
    assert (answer.message, answer.type, answer.allow_contact) == ("Hello", FeedbackType.Other, False)

    with pytest.raises(ProblemDetails) as caught:
        submit(at_root, message="  ")
    problem = caught.value
    assert (problem.response_status_code, problem.title) == (400, "One or more validation errors occurred.")
    assert problem.detail == "message: The message must not be blank."
    assert problem.additional_data["errors"] == {"message": ["The message must not be blank."]}
    assert problem.additional_data["traceId"]

    with pytest.raises(ProblemDetails) as caught:
        submit(Sdk(at_root.base_url, "wrong"), message="m")
    assert caught.value.response_status_code == 401
    assert FeedbackItem.objects.count() == 1


def test_the_search_of_the_client_takes_filters_ranges_order_and_a_count(at_root: Sdk) -> None:
    bug = FeedbackCreateRequest_type.Bug
    ids = [submit(at_root, message=text, type=bug, area="Reports").id for text in ("one", "two", "three")]
    submit(at_root, message="two but no bug", area="Reports")

    body = RequestDataOptions(
        page_size=2,
        include_count=True,
        search="o",
        search_fields=["message"],
        # What the client has no type for goes out as additional data.
        filters=[ExactMatchFilter(field="Type", additional_data={"value": "bug"})],
        range_filters=[
            RangeFilter(field="CreatedAt", additional_data={"greaterThan": datetime.now(UTC) - timedelta(hours=1)})
        ],
        order_by=[OrderByOption(field="createdAt", direction=OrderByOption_direction.Asc)],
    )
    page = at_root.run(lambda client: client.feedback.admin.all.post(body))
    assert page is not None
    assert [item.id for item in page.items or []] == ids[:2]
    assert (page.page_size, page.continuation_token, page.additional_data) == (2, None, {"totalCount": 2})

    query = AllRequestBuilder.AllRequestBuilderPostQueryParameters(area="Reports", page_size=3)
    asked = RequestConfiguration(query_parameters=query)
    page = at_root.run(lambda client: client.feedback.admin.all.post(RequestDataOptions(), asked))
    assert page is not None
    assert [item.message for item in page.items or []] == ["two but no bug", "three", "two"]
    body = RequestDataOptions(continuation_token=page.continuation_token)
    rest = at_root.run(lambda client: client.feedback.admin.all.post(body))
    assert rest is not None
    assert [item.message for item in rest.items or []] == ["one"]


def test_every_status_and_type_is_a_word_of_the_client(sdk: Sdk) -> None:
    item = submit(sdk, message="m").id or ""
    for status, kind in zip(FeedbackAdminUpdateRequest_status, cycle(FeedbackAdminUpdateRequest_type), strict=False):
        changes = FeedbackAdminUpdateRequest(status=status, type=kind)
        changed = sdk.run(lambda client, body=changes: client.feedback.admin.by_id(item).put(body))
        assert changed is not None
        assert (changed.status, changed.type) == (FeedbackStatus(status.value), FeedbackType(kind.value))


def test_the_triage_calls_of_the_client_work(sdk: Sdk) -> None:
    first, second = submit(sdk, message="one", area="A"), submit(sdk, message="two", area="B")

    changes = FeedbackAdminUpdateRequest(status=FeedbackAdminUpdateRequest_status.Shipped, admin_note="Done in 2.5")
    changed = sdk.run(lambda client: client.feedback.admin.by_id(first.id or "").put(changes))
    assert changed is not None
    assert (changed.status, changed.admin_note, changed.area) == (FeedbackStatus.Shipped, "Done in 2.5", "A")
    assert changed.closed_at is not None
    assert changed.closed_by_user_id is not None

    read = sdk.run(lambda client: client.feedback.admin.by_id(first.id or "").get())
    assert read is not None
    assert (read.id, read.status, read.closed_at) == (first.id, FeedbackStatus.Shipped, changed.closed_at)

    query = AdminRequestBuilder.AdminRequestBuilderGetQueryParameters(
        page_size=1, created_start=datetime.now(UTC) - timedelta(hours=1)
    )
    page = sdk.run(lambda client: client.feedback.admin.get(RequestConfiguration(query_parameters=query)))
    assert page is not None
    assert [item.id for item in page.items or []] == [second.id]
    query.continuation_token = page.continuation_token
    rest = sdk.run(lambda client: client.feedback.admin.get(RequestConfiguration(query_parameters=query)))
    assert rest is not None
    assert [item.id for item in rest.items or []] == [first.id]
    assert rest.continuation_token is None

    with pytest.raises(ProblemDetails) as caught:
        sdk.run(lambda client: client.feedback.admin.by_id("0190b6d2-0000-7000-8000-000000000000").get())
    assert caught.value.response_status_code == 404
