"""Where keys are carried."""

from __future__ import annotations

import base64

import pytest
from django.test import RequestFactory

from feedbackhub.api.credentials import basic_username, bearer, header
from feedbackhub.api.errors import ApiError, Kind


def request_with(**headers: str):
    return RequestFactory().get("/", headers=headers)


def basic(text: bytes) -> str:
    return "Basic " + base64.b64encode(text).decode()


def test_a_bearer_key_is_read_whatever_the_case_of_its_scheme():
    assert bearer(request_with(Authorization="Bearer abc")) == "abc"
    assert bearer(request_with(Authorization="bEARER abc")) == "abc"


def test_a_basic_key_is_the_user_name():
    assert basic_username(request_with(Authorization=basic(b"abc:"))) == "abc"
    assert basic_username(request_with(Authorization=basic(b"abc:password"))) == "abc"
    assert basic_username(request_with(Authorization=basic(b"abc"))) == "abc"


def test_a_header_of_its_own():
    assert header("X-Key")(request_with(**{"X-Key": " abc "})) == "abc"
    assert header("X-Key")(request_with()) is None


@pytest.mark.parametrize("read", [bearer, basic_username])
def test_no_header_is_no_key(read):
    assert read(request_with()) is None


@pytest.mark.parametrize(
    ("read", "value"),
    [
        (bearer, "Basic abc"),
        (bearer, "abc"),
        (basic_username, "Bearer abc"),
        (basic_username, "Basic !!!"),
        (basic_username, "Basic é"),
        (basic_username, basic(b"\xff\xfe:")),
    ],
)
def test_a_malformed_header_is_a_401(read, value: str):
    with pytest.raises(ApiError) as refused:
        read(request_with(Authorization=value))

    assert refused.value.kind is Kind.UNAUTHORIZED
    assert refused.value.details == {"reason": "malformed"}


@pytest.mark.parametrize(("read", "value"), [(bearer, "Bearer "), (bearer, "Bearer"), (basic_username, basic(b":x"))])
def test_an_empty_key_is_no_key(read, value: str):
    assert read(request_with(Authorization=value)) is None
