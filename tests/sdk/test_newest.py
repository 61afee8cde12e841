"""The newest official Python client of Leadping, which knows the public address alone, against a running hub."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from pytest_django.live_server_helper import LiveServer

from accounts.models import Account
from feedback.models import FeedbackItem
from feedbackhub.local import bootstrap

SCRIPT = Path(__file__).with_name("newest_leadping.py")
NEWEST = "1.0.83"


@pytest.fixture
def steps(live_server: LiveServer, secret: str, account: Account) -> dict[str, Any]:
    """What each step of the script came to; its last call is one too many."""
    account.rate_limits = {"leadping": 3}
    account.save()
    # A folder on PYTHONPATH comes before the environment's own packages.
    env = {**os.environ, "PYTHONPATH": str(bootstrap.FOLDERS["sdk"]), "PYTHONWARNINGS": "ignore"}
    done = subprocess.run(
        [sys.executable, SCRIPT],
        input=json.dumps({"hub": live_server.url, "secret": secret}),
        env=env,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_the_newest_client_submits_and_reads_every_refusal_typed(steps: dict[str, Any], account: Account) -> None:
    assert steps["version"] == NEWEST, "start the tests with ./test, which installs this version"
    full, smallest = FeedbackItem.objects.order_by("created_at")
    assert steps["full"] == {
        "id": str(full.pk),
        "organization_id": account.public_id,
        "user_id": None,
        "type": "missing_capability",
        "status": "new",
        "message": "The export hangs",
        "route": "/reports",
        "area": "Reports",
        "allow_contact": True,
        "client_version": "2.4.1",
        "created_at": str(full.created_at),
    }
    assert (full.user_agent or "").startswith("python-httpx/")
    assert (steps["smallest"]["id"], steps["smallest"]["message"]) == (str(smallest.pk), "Hello")

    blank, stranger, too_many = steps["blank"], steps["stranger"], steps["too many"]
    assert blank.pop("trace_id")
    assert blank == {
        "code": 400,
        "status": 400,
        "type": "https://tools.ietf.org/html/rfc9110#section-15.5.1",
        "title": "One or more validation errors occurred.",
        "detail": "message: The message must not be blank.",
        "instance": "/feedback",
        "errors": {"message": ["The message must not be blank."]},
    }
    assert (stranger["code"], stranger["status"], stranger["title"]) == (401, 401, "Unauthorized")
    assert (too_many["code"], too_many["status"], too_many["title"]) == (429, 429, "Too Many Requests")
