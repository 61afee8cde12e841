"""The template language: Liquid, fenced in.

A template belongs to a tenant and runs on our machines, so it gets strings only, no loops (there is nothing to loop
over), no includes, and of the filters those whose result cannot be much longer than their input: `replace` chained
ten times turns one letter into gigabytes inside a single expression, where none of the four limits looks.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from liquid import BoundTemplate, Environment
from liquid.exceptions import LiquidError

TAGS = frozenset({"#", "assign", "capture", "case", "comment", "if", "unless"})
# The parser's own: text, output, and what it could not read.
INNER_TAGS = frozenset({"content", "output", "illegal"})
FILTERS = frozenset(
    {
        "append",
        "capitalize",
        "default",
        "downcase",
        "escape",
        "lstrip",
        "prepend",
        "remove",
        "rstrip",
        "squish",
        "strip",
        "truncate",
        "truncatewords",
        "upcase",
    }
)


class TemplateError(ValueError):
    """The template cannot be used; the text says why, for whoever wrote it."""


class _Fenced(Environment):
    context_depth_limit = 10
    loop_iteration_limit = 100
    local_namespace_limit = 20_000
    output_stream_limit = 200_000
    block_nesting_limit = 10

    def setup_tags_and_filters(self, *, extra: bool = False) -> None:
        super().setup_tags_and_filters(extra=False)
        self.tags = {name: tag for name, tag in self.tags.items() if name in TAGS | INNER_TAGS}
        self.filters = {name: made for name, made in self.filters.items() if name in FILTERS}


_PLAIN = _Fenced(autoescape=False)
_HTML = _Fenced(autoescape=True)


@lru_cache(maxsize=512)
def _parsed(source: str, html: bool) -> BoundTemplate:
    return (_HTML if html else _PLAIN).from_string(source)


def variables(source: str, *, html: bool = False) -> set[str]:
    """The dotted names that a template reads. Raises TemplateError when it cannot be parsed."""
    try:
        found = _parsed(source, html).analyze(include_partials=False)
    except (LiquidError, RecursionError) as error:
        raise TemplateError(_reason(error)) from error
    unknown = set(found.filters) - FILTERS
    if unknown:
        raise TemplateError(f"unknown filter {', '.join(sorted(unknown))}; there are {', '.join(sorted(FILTERS))}")
    return {str(variable) for uses in found.globals.values() for variable in uses}


def render(source: str, values: Mapping[str, object], *, html: bool = False) -> str:
    """Raises TemplateError; with `html` every value is escaped."""
    try:
        return _parsed(source, html).render(**values)
    except (LiquidError, RecursionError) as error:
        raise TemplateError(_reason(error)) from error


def _reason(error: Exception) -> str:
    """The first line: the rest repeats the source."""
    return str(error).partition("\n")[0] or type(error).__name__
