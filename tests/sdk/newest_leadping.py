"""What somebody does with Leadping's newest client: run by test_newest.py in a process that has that version.

Takes {"hub": …, "secret": …} on its input and tells what each step came to, as JSON, on its output.
"""

from __future__ import annotations

import asyncio
import json
import sys
from importlib.metadata import version
from typing import Any

from kiota_abstractions.authentication import ApiKeyAuthenticationProvider, KeyLocation
from kiota_http.httpx_request_adapter import HttpxRequestAdapter
from kiota_http.kiota_client_factory import KiotaClientFactory
from kiota_http.middleware.options import RetryHandlerOption
from leadping import LeadpingOpenApiClient
from leadping.models.feedback_create_request import FeedbackCreateRequest
from leadping.models.feedback_create_request_type import FeedbackCreateRequest_type
from leadping.models.problem_details import ProblemDetails

FULL = FeedbackCreateRequest(
    message="The export hangs",
    type=FeedbackCreateRequest_type.Missing_capability,
    route="/reports",
    area="Reports",
    allow_contact=True,
    client_version="2.4.1",
)


async def submit(base_url: str, secret: str, body: FeedbackCreateRequest) -> dict[str, Any]:
    """The answer or the problem as the client holds it, attribute by attribute."""
    provider = ApiKeyAuthenticationProvider(
        KeyLocation.Header, f"Bearer {secret}", "Authorization", ["127.0.0.1", "localhost"]
    )
    # One refusal for limits is enough: unasked, the client repeats it three times.
    once = {RetryHandlerOption.get_key(): RetryHandlerOption(should_retry=False)}
    async with KiotaClientFactory.create_with_default_middleware(options=once) as http:
        adapter = HttpxRequestAdapter(provider, http_client=http)
        adapter.base_url = base_url
        try:
            answer: Any = await LeadpingOpenApiClient(adapter).feedback.post(body)
        except ProblemDetails as problem:
            errors = problem.errors.additional_data if problem.errors else None
            told = {"code": problem.response_status_code, "errors": errors}
            for name in ("type", "title", "status", "detail", "instance", "trace_id"):
                told[name] = getattr(problem, name)
            return told
    return {name: value for name, value in vars(answer).items() if name != "additional_data"}


async def main() -> None:
    given = json.load(sys.stdin)
    hub, secret = given["hub"], given["secret"]
    blank, smallest = FeedbackCreateRequest(message="  "), FeedbackCreateRequest(message="Hello")
    steps = {
        "version": version("leadping"),
        "full": await submit(f"{hub}/leadping", secret, FULL),
        "smallest": await submit(hub, secret, smallest),
        "blank": await submit(hub, secret, blank),
        "stranger": await submit(hub, "wrong", smallest),
        "too many": await submit(hub, secret, smallest),
    }
    print(json.dumps(steps, default=str))


asyncio.run(main())
