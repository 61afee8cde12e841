"""The environment reader refuses junk and names the fix."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from feedbackhub import env
from feedbackhub.dsn import cache_location, database_settings


def test_a_missing_variable_is_named(monkeypatch):
    monkeypatch.delenv("SOMETHING", raising=False)
    with pytest.raises(env.BadSetting, match="SOMETHING is not set"):
        env.text("SOMETHING")


def test_a_short_secret_is_refused_without_being_printed(monkeypatch):
    monkeypatch.setenv("A_SECRET", "short")
    with pytest.raises(env.BadSetting, match="A_SECRET has 5 characters") as caught:
        env.secret("A_SECRET")
    assert "short" not in str(caught.value)


@pytest.mark.parametrize(("value", "expected"), [("yes", True), ("0", False), ("", True)])
def test_flags(monkeypatch, value, expected):
    monkeypatch.setenv("A_FLAG", value)
    assert env.flag("A_FLAG", True) is expected


@pytest.mark.parametrize("value", ["maybe", "2"])
def test_an_unclear_flag_is_refused(monkeypatch, value):
    monkeypatch.setenv("A_FLAG", value)
    with pytest.raises(env.BadSetting, match="Use true or false"):
        env.flag("A_FLAG", True)


@pytest.mark.parametrize("value", ["ten", "-1", "11"])
def test_a_number_out_of_range_is_refused(monkeypatch, value):
    monkeypatch.setenv("A_NUMBER", value)
    with pytest.raises(env.BadSetting, match="A_NUMBER"):
        env.integer("A_NUMBER", 5, high=10)


def test_a_database_address_over_a_socket():
    settings = database_settings("postgresql://hub@/name?host=%2Frun%2Fpg", timeout_ms=5000)
    assert (settings["HOST"], settings["USER"], settings["NAME"], settings["PORT"]) == ("/run/pg", "hub", "name", "")


def test_a_database_address_over_the_network():
    settings = database_settings("postgresql://hub:p%40ss@db:5433/name?sslmode=require", timeout_ms=5000)
    assert (settings["HOST"], settings["PASSWORD"], settings["PORT"]) == ("db", "p@ss", "5433")
    assert settings["OPTIONS"]["sslmode"] == "require"


@pytest.mark.parametrize("url", ["mysql://x/y", "postgresql://host", ""])
def test_another_database_is_refused(url):
    with pytest.raises(env.BadSetting, match="DATABASE_URL"):
        database_settings(url, timeout_ms=5000)


def test_another_cache_is_refused():
    with pytest.raises(env.BadSetting, match="CACHE_URL"):
        cache_location("memcached://x")


@pytest.mark.parametrize("missing", ["SECRET_KEY", "DATABASE_URL", "ENCRYPTION_KEYS", "BASE_URL"])
def test_production_does_not_boot_without(missing):
    environment = {
        "PATH": os.environ["PATH"],
        "SECRET_KEY": "x" * 50,
        "ENCRYPTION_KEYS": "eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHg=",
        "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none",
        "CACHE_URL": "redis://127.0.0.1:1/1",
        "CELERY_BROKER_URL": "redis://127.0.0.1:1/0",
        "BASE_URL": "https://hub.example.com",
        "DEFAULT_FROM_EMAIL": "hub@example.com",
        "EMAIL_PROVIDER_URL": "smtp://127.0.0.1",
    }
    del environment[missing]
    result = subprocess.run(
        [sys.executable, "-c", "import feedbackhub.settings"], env=environment, capture_output=True, text=True
    )
    assert result.returncode == 1
    assert f"{missing} is not set" in result.stderr.splitlines()[-1]


def test_an_optional_secret_may_be_missing_but_not_short(monkeypatch):
    monkeypatch.delenv("A_SECRET", raising=False)
    assert env.secret("A_SECRET", optional=True) == ""
    monkeypatch.setenv("A_SECRET", "short")
    with pytest.raises(env.BadSetting):
        env.secret("A_SECRET", optional=True)
