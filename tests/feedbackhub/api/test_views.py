"""How a request travels the kit, seen through the fake contract."""

from __future__ import annotations

import base64
import logging
from dataclasses import replace

import pytest
from django.db import OperationalError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.domain import keys
from accounts.models import Account, ApiKey
from tests.feedbackhub.api import fake
from tests.feedbackhub.api.conftest import Caller, caller_of

pytestmark = [pytest.mark.urls("tests.feedbackhub.api.fake"), pytest.mark.django_db]


def test_an_action_knows_its_caller(caller: Caller, account: Account):
    response = caller.get("/fake/things")

    key = account.api_keys.get()
    assert response.status_code == 200
    assert response.json() == {"account": account.public_id, "actor": f"key:{key.public_id}"}
    assert response["Content-Type"] == "application/json"
    assert response["Cache-Control"] == "no-store"
    assert response["X-Content-Type-Options"] == "nosniff"


class TestAuthenticationBeforeRouting:
    @pytest.mark.parametrize("path", ["/fake/things", "/fake/nowhere", "/fake", "/fake/things/"])
    @pytest.mark.parametrize("method", ["GET", "POST", "DELETE", "OPTIONS", "BREW"])
    def test_a_stranger_learns_nothing(self, stranger: Caller, path: str, method: str):
        response = stranger.call(method, path)

        assert response.status_code == 401
        assert response["WWW-Authenticate"] == "Bearer"
        assert response["Content-Type"] == "application/problem+json"
        assert response["Cache-Control"] == "no-store"

    @pytest.mark.parametrize("path", ["/fakes", "/fak", "/", "/elsewhere"])
    def test_what_is_not_below_the_mount_is_not_the_contracts(self, stranger: Caller, path: str):
        response = stranger.get(path)

        assert response.status_code == 404
        assert response["Content-Type"].startswith("text/")

    def test_the_body_is_not_read_before_the_key(self, stranger: Caller):
        response = stranger.post("/fake/things", b"[" * 100_000, content_type="text/xml")

        assert response.status_code == 401

    @pytest.mark.parametrize(
        "value",
        [
            "",
            "Bearer",
            "Bearer  ",
            "Bearer é",
            "Bearer " + "x" * 10_000,
            "Basic " + base64.b64encode(b"\xff:").decode(),
        ],
    )
    def test_any_credentials_that_are_none_are_a_401(self, value: str):
        response = Client().get("/fake/things", headers={"Authorization": value})

        assert response.status_code == 401

    def test_a_known_key_costs_no_query(self, caller: Caller):
        caller.get("/fake/things/1")

        with CaptureQueriesContext(connection) as queries:
            assert caller.get("/fake/things/1").status_code == 200
        assert queries.captured_queries == []


class TestRouting:
    @pytest.mark.parametrize("method", ["GET", "POST", "OPTIONS", "BREW"])
    @pytest.mark.parametrize("path", ["/fake/nowhere", "/fake", "/fake/", "/fake/things/"])
    def test_an_unknown_path_is_a_404_of_the_contract(self, caller: Caller, path: str, method: str):
        response = caller.call(method, path)

        assert response.status_code == 404
        assert response.json()["code"] == "not_found"
        assert response["Content-Type"] == "application/problem+json"

    @pytest.mark.parametrize("method", ["DELETE", "PUT", "TRACE", "BREW"])
    def test_a_method_not_served_is_a_405_with_allow(self, caller: Caller, method: str):
        response = caller.call(method, "/fake/things")

        assert response.status_code == 405
        assert response["Allow"] == "GET, POST, HEAD, OPTIONS"
        assert response.json()["code"] == "method_not_allowed"

    def test_head_is_a_get_without_its_body(self, caller: Caller):
        response = caller.call("HEAD", "/fake/things")

        assert response.status_code == 200
        assert response.content == b""

    def test_options_says_what_is_served(self, caller: Caller):
        response = caller.call("OPTIONS", "/fake/things")

        assert response.status_code == 204
        assert response["Allow"] == "GET, POST, HEAD, OPTIONS"

    @pytest.mark.parametrize(
        "accept", ["text/html", "text/plain", "image/*", "application/xml;q=0.1", "junk", "*/*", ""]
    )
    @pytest.mark.parametrize(("path", "status"), [("/fake/things/1", 200), ("/fake/nowhere", 404)])
    def test_accept_is_no_reason_to_refuse(self, caller: Caller, accept: str, path: str, status: int):
        assert caller.get(path, headers={"Accept": accept}).status_code == status

    def test_the_format_parameter_of_drf_means_nothing(self, caller: Caller):
        assert caller.get("/fake/things/1?format=api").json() == {"id": "1"}


class TestScopes:
    @pytest.mark.parametrize(
        ("scope", "statuses"),
        [
            ("*", (200, 201, 200)),
            ("fake", (200, 201, 200)),
            ("fake:read", (200, 403, 200)),
            ("fake:write", (403, 201, 403)),
            ("hub", (403, 403, 403)),
        ],
    )
    def test_a_key_does_what_its_scope_says(self, account: Account, scope: str, statuses: tuple[int, int, int]):
        scoped = caller_of(account, scopes=(scope,))

        reading = scoped.get("/fake/things")
        writing = scoped.post("/fake/things", {"name": "New"})
        # A POST that the view declares to be reading.
        searching = scoped.post("/fake/search", {})

        assert (reading.status_code, writing.status_code, searching.status_code) == statuses

    def test_a_refusal_says_what_is_missing(self, account: Account):
        response = caller_of(account, scopes=("fake:read",)).post("/fake/things", {"name": "New"})

        assert response.json()["detail"] == "This key may not write here."
        assert account.api_keys.get().name == "Shop"


class TestBodies:
    def test_a_body_at_the_limit_is_read(self, caller: Caller):
        body = b'{"name": "%s"}' % (b"x" * (4096 - 12))

        assert len(body) == 4096
        assert caller.post("/fake/search", body).status_code == 200

    def test_a_larger_body_is_a_413_before_it_is_read(self, caller: Caller):
        response = caller.post("/fake/things", b"[" * 4097)

        assert response.status_code == 413
        assert response.json()["detail"] == "The body is larger than 4096 bytes."

    def test_a_declared_length_is_believed(self, caller: Caller):
        response = caller.post("/fake/things", b"{}", CONTENT_LENGTH="99999999999999999999999")

        assert response.status_code == 413

    @pytest.mark.parametrize("content_type", ["text/plain", "application/xml", "multipart/form-data; boundary=x", ""])
    def test_another_media_type_is_a_415(self, caller: Caller, content_type: str):
        response = caller.post("/fake/things", b'{"name": "New"}', content_type=content_type)

        assert response.status_code == 415
        assert response.json()["code"] == "unsupported_media_type"

    @pytest.mark.parametrize("charset", ["latin-1", "utf-16"])
    def test_another_charset_is_a_415(self, caller: Caller, charset: str):
        response = caller.post("/fake/things", b"{}", content_type=f"application/json; charset={charset}")

        assert response.status_code == 415

    @pytest.mark.parametrize("content_type", ["application/json; charset=UTF-8", "application/vnd.api+json"])
    def test_json_by_another_name_is_read(self, caller: Caller, content_type: str):
        assert caller.post("/fake/things", {"name": "New"}, content_type=content_type).status_code == 201

    @pytest.mark.parametrize("body", [b"", b"[]", b'"x"', b"null", b"{", b"\xff", b'{"name": "a", "name": "b"}'])
    def test_what_is_not_one_object_is_a_400_and_changes_nothing(self, caller: Caller, account: Account, body: bytes):
        response = caller.post("/fake/things", body)

        assert response.status_code == 400
        assert response.json()["code"] == "malformed"
        assert account.api_keys.get().name == "Shop"

    def test_a_body_may_be_optional(self, caller: Caller):
        assert caller.post("/fake/perhaps").json() == {}
        assert caller.post("/fake/perhaps", {"a": 1}).json() == {"a": 1}
        assert caller.post("/fake/perhaps", [1]).status_code == 400

    def test_a_body_without_a_type_is_json_where_the_contract_says_so(self, caller: Caller, monkeypatch):
        monkeypatch.setattr(fake.Things, "contract", replace(fake.CONTRACT, json_without_type=True))

        assert caller.post("/fake/things", b'{"name": "New"}', content_type="").status_code == 201
        assert caller.post("/fake/things", b'{"name": "New"}', content_type="text/plain").status_code == 415

    def test_large_integers_come_back_as_they_went_in(self, caller: Caller):
        response = caller.post("/fake/search", b'[-9999999999999999999,9999999999999999999,9.0,9,"9"]')

        assert response.content == b'{"body":[-9999999999999999999,9999999999999999999,9.0,9,"9"]}'

    @pytest.mark.parametrize("path", ["/fake/things?q=%00", "/fake/things?q=%FF", "/fake/things/a%00b"])
    def test_text_that_cannot_be_stored_is_refused_in_query_and_path(self, caller: Caller, path: str):
        assert caller.get(path).status_code == 400

    def test_a_thousand_and_one_parameters_are_too_many(self, caller: Caller):
        assert caller.get("/fake/things?" + "a=1&" * 1001).status_code == 400


class TestFailures:
    def test_a_crash_is_a_500_of_the_contract_that_tells_nothing(
        self, caller: Caller, account: Account, caplog: pytest.LogCaptureFixture
    ):
        with caplog.at_level(logging.ERROR):
            response = caller.post("/fake/things", {"name": "New", "then": "crash"}, headers={"X-Request-ID": "r-1"})

        assert response.status_code == 500
        assert b"secret" not in response.content
        assert response.json()["request_id"] == response["X-Request-ID"] == "r-1"
        assert "secret detail" in str(caplog.records[0].msg)
        assert account.api_keys.get().name == "Shop"

    def test_a_domain_error_names_its_field(self, caller: Caller):
        response = caller.post("/fake/things", {"name": "New", "then": "conflict"})

        assert response.status_code == 409
        assert response.json()["fields"] == {"name": "Already there."}

    def test_a_statement_that_takes_too_long_asks_for_a_repetition(self, caller: Caller):
        response = caller.post("/fake/sleep")

        assert response.status_code == 503
        assert response["Retry-After"] == "1"

    def test_a_database_that_is_gone_is_a_503_before_anything_else(self, caller: Caller, monkeypatch):
        def gone(_secret: str) -> None:
            raise OperationalError("the connection is closed")

        monkeypatch.setattr(keys, "authenticate", gone)
        response = caller.get("/fake/things")

        assert response.status_code == 503
        assert response["Content-Type"] == "application/problem+json"
        assert response["Retry-After"] == "1"

    def test_an_answer_that_cannot_be_encoded_is_a_500_of_the_contract(self, caller: Caller):
        response = caller.get("/fake/unspeakable")

        assert response.status_code == 500
        assert response["Content-Type"] == "application/problem+json"

    def test_a_foreign_host_is_a_400_of_the_contract(self, caller: Caller, settings):
        settings.ALLOWED_HOSTS = ["hub.example.com"]

        response = caller.get("/fake/things", SERVER_NAME="evil.example.com")

        assert response.status_code == 400
        assert response["Content-Type"] == "application/problem+json"
        assert response["X-Request-ID"] == response.json()["request_id"]

    def test_a_crash_in_a_middleware_is_a_500_of_the_contract(self, caller: Caller, settings):
        settings.MIDDLEWARE = [*settings.MIDDLEWARE, "tests.feedbackhub.api.fake.crashing_middleware"]

        response = caller.get("/fake/things")

        assert response.status_code == 500
        assert response.json()["code"] == "internal"
        assert response["X-Request-ID"] == response.json()["request_id"]

    def test_plain_http_is_refused_where_the_hub_lives_on_https(self, caller: Caller, settings):
        settings.HTTPS = True

        assert caller.get("/fake/things").status_code == 403
        assert caller.get("/fake/things", secure=True).status_code == 200


class TestTrail:
    def test_a_write_is_audited_as_the_keys_with_the_request_id(self, caller: Caller, account: Account):
        caller.post("/fake/things", {"name": "New"}, headers={"X-Request-ID": "r-7"})

        key = account.api_keys.get()
        event = ApiKey.pgh_event_models["update"].objects.get(pgh_obj=key, pgh_label="update")
        assert (event.name, event.pgh_context["actor"]) == ("New", f"key:{key.public_id}")
        assert event.pgh_context["request_id"] == "r-7"

    @pytest.mark.parametrize("path", ["/fake/things", "/fake/nowhere", "/elsewhere"])
    def test_every_answer_has_a_request_id(self, caller: Caller, path: str):
        assert caller.get(path, headers={"X-Request-ID": "mine"})["X-Request-ID"] == "mine"
        assert len(caller.get(path)["X-Request-ID"]) == 36

    def test_the_log_line_says_who_asked_for_what(self, caller: Caller, account: Account, caplog):
        with caplog.at_level(logging.INFO):
            caller.get("/fake/things/4711", headers={"X-Request-ID": "mine"})

        line = next(record.msg for record in caplog.records if record.msg["event"] == "request")
        assert {name: line[name] for name in ("request_id", "contract", "key_id", "method", "route", "status")} == {
            "request_id": "mine",
            "contract": "fake",
            "key_id": account.api_keys.get().public_id,
            "method": "GET",
            "route": "fake/things/<str:id>",
            "status": 200,
        }
