"""A tiny wire contract, mounted at /fake by `@pytest.mark.urls("tests.feedbackhub.api.fake")`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NotRequired, TypedDict

from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse
from django.urls import include, path

from accounts.models import ApiKey
from feedbackhub.api import urls
from feedbackhub.api.contract import Contract
from feedbackhub.api.credentials import bearer
from feedbackhub.api.errors import STATUS, ApiError, ErrorReply
from feedbackhub.api.openapi import describe, parameter
from feedbackhub.api.views import ContractViewSet
from feedbackhub.errors import Conflict


def render_error(error: ApiError, request: HttpRequest) -> ErrorReply:
    return ErrorReply(
        status=STATUS[error.kind],
        body={
            "code": error.kind,
            "detail": error.message,
            "fields": {problem.name: problem.message for problem in error.problems},
            "request_id": request.request_id,
        },
        media_type="application/problem+json",
    )


CONTRACT = Contract(
    name="fake",
    prefixes=("/fake",),
    read_key=bearer,
    challenge="Bearer",
    render_error=render_error,
    max_body_bytes=4096,
    title="A fake contract",
    error_media_type="application/problem+json",
    error_schema={"type": "object", "required": ["code", "detail", "fields", "request_id"]},
)
ran_after_commit: list[str] = []


def pause() -> None:
    """Replaced by tests that need two calls at once."""


@dataclass
class Who:
    account: str
    actor: str


class Rename(TypedDict):
    name: str
    then: NotRequired[str]


@dataclass
class Renamed:
    """What it is called now."""

    name: str


class Things(ContractViewSet):
    """Renames the calling key: the smallest write there is."""

    contract = CONTRACT
    access = {"search": "read"}

    @describe("Say who calls", answers={200: Who}, query=[parameter("q", int, "Not used.")])
    def list(self, request: Any) -> HttpResponse:
        return self.reply({"account": self.account.public_id, "actor": self.actor.code})

    @describe("Rename", body=Rename, answers={201: Renamed, 409: {"$ref": "#/components/schemas/Error"}})
    def create(self, request: Any) -> HttpResponse:
        body = self.json_object()
        with transaction.atomic():
            ApiKey.objects.filter(pk=self.caller.key_id).update(name=body["name"])
            transaction.on_commit(lambda: ran_after_commit.append(body["name"]))
            if (then := body.get("then")) == "pause":
                pause()
            if then == "crash":
                raise RuntimeError("secret detail")
            if then == "conflict":
                raise Conflict("Already there.", field="name")
        if then == "conflict afterwards":
            raise Conflict("Too late.")
        return self.reply({"name": body["name"]}, status=201, headers={"Location": "/fake/things/1"})

    def retrieve(self, request: Any, id: str) -> HttpResponse:
        return self.reply({"id": id})

    def search(self, request: Any) -> HttpResponse:
        return self.reply({"body": self.json_body()})

    def unspeakable(self, request: Any) -> HttpResponse:
        return self.reply({"object": object()})

    def perhaps(self, request: Any) -> HttpResponse:
        return self.reply(self.json_object(optional=True))

    def sleep(self, request: Any) -> HttpResponse:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL statement_timeout = 20")
            cursor.execute("SELECT pg_sleep(1)")
        return self.reply({})


urlpatterns = [
    path(
        "fake/",
        include(
            [
                path("things", Things.as_view({"get": "list", "post": "create"})),
                path("items", Things.as_view({"get": "list", "post": "create"}, schema=None)),
                path("things/<str:id>", Things.as_view({"get": "retrieve"})),
                path("search", Things.as_view({"post": "search"})),
                path("unspeakable", Things.as_view({"get": "unspeakable"})),
                path("perhaps", Things.as_view({"post": "perhaps"}, schema=None)),
                path("sleep", Things.as_view({"post": "sleep"})),
                urls.catch_all(CONTRACT),
            ]
        ),
    ),
]


def crashing_middleware(get_response: Any) -> Any:
    def middleware(request: HttpRequest) -> HttpResponse:
        raise RuntimeError("in a middleware")

    return middleware


handler400 = urls.handler400
handler403 = urls.handler403
handler404 = urls.handler404
handler500 = urls.handler500
