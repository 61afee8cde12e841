"""Log lines: key=value for people in development, JSON in production; never a secret, never a message body."""

from __future__ import annotations

import logging
import logging.config
from typing import Any

import structlog

SECRET_KEYS = frozenset({"authorization", "password", "secret", "token", "key", "api_key", "x-buildbetter-api-key"})


def hide_secrets(_logger: Any, _name: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    """Blank the values whose names say that they are secret."""
    for name in event:
        if name.lower() in SECRET_KEYS:
            event[name] = "[hidden]"
    return event


def configure(options: dict[str, Any]) -> None:
    """Called by Django with settings.LOGGING: {"level": …, "json": bool}."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        hide_secrets,
    ]
    # JSON escapes line feeds, and so does the key=value renderer: a user agent cannot forge a line.
    renderer: structlog.typing.Processor = (
        structlog.processors.JSONRenderer() if options["json"] else structlog.processors.LogfmtRenderer()
    )
    structlog.configure(
        processors=[
            *shared,
            structlog.processors.format_exc_info,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    formatter = {
        "()": structlog.stdlib.ProcessorFormatter,
        "foreign_pre_chain": [*shared, structlog.processors.format_exc_info],
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
