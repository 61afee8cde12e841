"""One table from exceptions to ApiError."""

from __future__ import annotations

import logging

import psycopg
import pytest
from django.core import exceptions as django_errors
from django.db import DataError, IntegrityError, InterfaceError, OperationalError
from django.http import Http404
from django.test import RequestFactory
from rest_framework import exceptions as drf_errors

from feedbackhub import errors as hub_errors
from feedbackhub.api.errors import INTERNAL_TEXT, STATUS, UNAVAILABLE_TEXT, ApiError, Kind, render, translate
from feedbackhub.errors import FieldProblem
from tests.feedbackhub.api.fake import CONTRACT


@pytest.mark.parametrize(
    ("exc", "kind", "message"),
    [
        (hub_errors.Invalid("Too long.", field="name"), Kind.INVALID, "Too long."),
        (hub_errors.BadReference("No such location.", field="location"), Kind.INVALID, "No such location."),
        (hub_errors.NotFound("No such record."), Kind.NOT_FOUND, "No such record."),
        (hub_errors.Conflict("There already."), Kind.CONFLICT, "There already."),
        (hub_errors.Refused("Opted out."), Kind.REFUSED, "Opted out."),
        (hub_errors.LimitReached("All used."), Kind.REFUSED, "All used."),
        (hub_errors.Forbidden("Not yours."), Kind.FORBIDDEN, "Not yours."),
        (drf_errors.ParseError("Bad."), Kind.MALFORMED, "Bad."),
        (drf_errors.NotAuthenticated("Who?"), Kind.UNAUTHORIZED, "Who?"),
        (drf_errors.PermissionDenied("No."), Kind.FORBIDDEN, "No."),
        (drf_errors.NotFound("Gone."), Kind.NOT_FOUND, "Gone."),
        (drf_errors.MethodNotAllowed("PUT"), Kind.METHOD_NOT_ALLOWED, 'Method "PUT" not allowed.'),
        (
            drf_errors.UnsupportedMediaType("text/xml"),
            Kind.UNSUPPORTED_MEDIA_TYPE,
            'Unsupported media type "text/xml" in request.',
        ),
        (Http404("any"), Kind.NOT_FOUND, "There is nothing at this address."),
        (django_errors.PermissionDenied(), Kind.FORBIDDEN, "This is not allowed."),
        (django_errors.RequestDataTooBig(), Kind.TOO_LARGE, "The body is too large."),
        (django_errors.TooManyFieldsSent(), Kind.MALFORMED, "The request has too many fields."),
        (django_errors.DisallowedHost("evil"), Kind.MALFORMED, "This host name is not served here."),
        (django_errors.SuspiciousFileOperation("x"), Kind.MALFORMED, "The request cannot be read."),
        (django_errors.BadRequest("x"), Kind.MALFORMED, "The request cannot be read."),
        (RecursionError(), Kind.MALFORMED, "The body is nested too deeply."),
        (DataError("secret"), Kind.INVALID, "A value is out of range or too long."),
        (OperationalError("secret"), Kind.UNAVAILABLE, UNAVAILABLE_TEXT),
        (InterfaceError("secret"), Kind.UNAVAILABLE, UNAVAILABLE_TEXT),
        (IntegrityError("secret"), Kind.INTERNAL, INTERNAL_TEXT),
        (KeyError("secret"), Kind.INTERNAL, INTERNAL_TEXT),
    ],
)
def test_an_exception_becomes_what_the_caller_may_know(exc: Exception, kind: Kind, message: str):
    error = translate(exc)

    assert (error.kind, error.message) == (kind, message)
    assert error.cause is exc


def test_bad_bytes_are_the_callers_fault():
    with pytest.raises(UnicodeDecodeError) as decoding:
        b"\xff".decode()

    assert translate(decoding.value).kind is Kind.MALFORMED


@pytest.mark.parametrize(
    "state", [psycopg.errors.LockNotAvailable, psycopg.errors.QueryCanceled, psycopg.errors.AdminShutdown]
)
def test_a_busy_or_lost_database_asks_for_a_repetition(state: type[psycopg.Error]):
    # Django wraps all three as OperationalError.
    assert issubclass(state, psycopg.OperationalError)
    assert translate(OperationalError(state())).headers == {"Retry-After": "1"}


def test_the_unexpected_is_logged_with_its_traceback(caplog: pytest.LogCaptureFixture):
    with caplog.at_level(logging.ERROR):
        translate(KeyError("what the log may know"))

    assert "what the log may know" in str(caplog.records[0].msg)


def test_an_api_error_stays_itself():
    error = ApiError(Kind.CONFLICT, "Twice.")

    assert translate(error) is error


def test_problems_keep_their_fields():
    problems = [FieldProblem("name", "is required"), FieldProblem("type", "must be text")]

    assert translate(hub_errors.Invalid.many(problems)).problems == problems


def test_nested_drf_details_are_flattened():
    error = translate(
        drf_errors.ValidationError({"tags": [{"name": ["is required"]}], "non_field_errors": ["Pick one."]})
    )

    assert error.problems == [FieldProblem("tags.name", "is required")]
    assert error.message == "tags.name: is required; Pick one."


def test_model_validation_names_its_fields():
    error = translate(
        django_errors.ValidationError({"name": ["Too long."], django_errors.NON_FIELD_ERRORS: ["Not so."]})
    )

    assert error.problems == [FieldProblem("name", "Too long.")]
    assert error.message == "Too long.; Not so."


def test_every_kind_has_a_status():
    assert set(STATUS) == set(Kind)


def test_a_401_always_challenges():
    request = RequestFactory().get("/")
    request.request_id = "r"

    response = render(ApiError(Kind.UNAUTHORIZED, "Who?"), request, CONTRACT)

    assert response["WWW-Authenticate"] == "Bearer"
