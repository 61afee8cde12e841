"""How often one address may try links that lead nowhere, and how often one link or address may send."""

from __future__ import annotations

import hashlib
import ipaddress

from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from redis import RedisError

from campaigns.domain import words
from campaigns.views import speaking
from feedbackhub.api import limits
from feedbackhub.http import client_ip

# A minute. A whole office or a mobile carrier may share one address; nobody needs twenty wrong links.
MISSES_PER_ADDRESS = 20
POSTS_PER_ADDRESS = 120
POSTS_PER_LINK = 20
FORM_MEMORY_SECONDS = 24 * 3600


def missed(request: HttpRequest) -> HttpResponse | None:
    """Count a link that leads nowhere; the refusal once there were too many. Good links stay open to the address."""
    return _taken(request, f"landing:miss:{_network(request)}", MISSES_PER_ADDRESS)


def refusal(request: HttpRequest, token: str) -> HttpResponse | None:
    """Count something sent; the refusal once there was too much. Looking is not counted."""
    if request.method != "POST":
        return None
    # Hashed: the limiter's store is no place for a secret.
    link = hashlib.sha256(token.encode()).hexdigest()[:32]
    return _taken(request, f"landing:post:link:{link}", POSTS_PER_LINK) or _taken(
        request, f"landing:post:address:{_network(request)}", POSTS_PER_ADDRESS
    )


def first_time(form_token: str) -> bool:
    """Whether a form of a page that knows nobody is sent for the first time, as far as the cache remembers."""
    name = "landing:form:" + hashlib.sha256(form_token.encode()).hexdigest()[:32]
    try:
        return bool(cache.add(name, 1, timeout=FORM_MEMORY_SECONDS))
    except (RedisError, OSError):
        # Better an answer twice than none.
        return True


def _taken(request: HttpRequest, name: str, limit: int) -> HttpResponse | None:
    verdict = limits.take(name, limit)
    if verdict.allowed:
        return None
    context = {"language": words.choose(*speaking.accepted(request))}
    response = render(request, "campaigns/landing/limited.html", context, status=429)
    response["Retry-After"] = str(verdict.retry_after)
    return response


def _network(request: HttpRequest) -> str:
    """The caller's IPv4 address, or the /64 a provider hands to one IPv6 customer."""
    address = client_ip(request)
    if ":" not in address:
        return address
    return str(ipaddress.ip_network(f"{address}/64", strict=False).network_address)
