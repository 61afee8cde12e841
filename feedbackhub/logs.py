"""Log lines: key=value for people in development, JSON in production; never a secret, never a message body."""

from __future__ import annotations

import logging
import logging.config
import re
from typing import Any

import structlog

SECRET_KEYS = frozenset({"authorization", "password", "secret", "token", "key", "api_key", "x-buildbetter-api-key"})
ROW_VALUES = re.compile(
    r"(^(?:DETAIL|CONTEXT|LINE \d+): |invalid input (?:syntax|value) for [^:\n]*: ).*$", re.MULTILINE
)


def hide_secrets(_logger: Any, _name: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    """Blank the values whose names say that they are secret."""
    for name in event:
        if name.lower() in SECRET_KEYS:
            event[name] = "[hidden]"
    return event


def hide_addresses(_logger: Any, _name: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    """Django's own lines about refused and failed requests name the path: a link is a secret, an id may be a person.

    The line of feedbackhub.middleware has the route instead.
    """
    if str(event.get("logger", "")).startswith(("django.request", "django.security")):
        event["event"] = str(event["event"]).partition(":")[0]
    return event


def hide_row_values(_logger: Any, _name: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    """PostgreSQL repeats values of the row in its errors: `DETAIL:  Key (email)=(ann@example.com) already exists.`"""
    if "exception" in event:
        event["exception"] = ROW_VALUES.sub(r"\1[hidden]", event["exception"])
    return event


def configure(options: dict[str, Any]) -> None:
    """Called by Django with settings.LOGGING: {"level": …, "json": bool}."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        hide_secrets,
        hide_addresses,
        structlog.processors.format_exc_info,
        hide_row_values,
    ]
    # JSON escapes line feeds, and so does the key=value renderer: a user agent cannot forge a line.
    renderer: structlog.typing.Processor = (
        structlog.processors.JSONRenderer() if options["json"] else structlog.processors.LogfmtRenderer()
    )
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    formatter = {
        "()": structlog.stdlib.ProcessorFormatter,
        "foreign_pre_chain": shared,
        "processors": [structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
    }
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "formatters": {"line": formatter},
            "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
            "root": {"handlers": ["stderr"], "level": options["level"]},
            "loggers": {"httpx2": {"level": "WARNING"}, "django.request": {"level": "ERROR"}},
        }
    )
