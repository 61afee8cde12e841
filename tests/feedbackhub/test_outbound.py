"""Addresses that tenants choose: which are called, and that nothing can change between the look and the call."""

from __future__ import annotations

import ipaddress
import socket
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from feedbackhub import outbound
from feedbackhub.outbound import BadAddress, Unanswered

FORBIDDEN = [
    "127.0.0.1",
    "127.8.8.8",
    "0.0.0.0",
    "10.0.0.1",
    "172.16.0.1",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "192.0.2.1",
    "198.18.0.1",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::ffff:127.0.0.1",
    "::ffff:169.254.169.254",
    "::127.0.0.1",
    "64:ff9b::a00:1",
    "64:ff9b:1::1",
    "fec0::1",
    "::ffff:0:10.0.0.1",
    "2002:7f00:1::1",
    "2001:0:7f00:1::",
    "fe80::1",
    "fe80::1%eth0",
    "fc00::1",
    "fd00:ec2::254",
    "ff02::1",
    "2001:db8::1",
]


@pytest.fixture(autouse=True)
def _only_the_internet(settings):
    settings.WEBHOOK_LOCAL_NETWORKS = []


@pytest.fixture
def resolves(monkeypatch):
    """Each look-up gets the next of these answers; the last one stays."""
    answers: list[list[str]] = []

    def look_up(host: str, port: int) -> list[str]:
        return answers.pop(0) if len(answers) > 1 else answers[0]

    monkeypatch.setattr(outbound, "_look_up", look_up)
    return answers


def serve(answer: bytes = b"HTTP/1.1 204 No Content\r\n\r\n"):
    """A server for one call; answers what it is given, drop by drop if that is a list."""
    server = socket.create_server(("127.0.0.1", 0))
    got: list[bytes] = []

    def once() -> None:
        try:
            connection, _ = server.accept()
        except OSError:
            return
        with connection:
            got.append(connection.recv(65536))
            connection.sendall(answer)
            connection.settimeout(2)
            while answer == b"" and connection.recv(1024):
                pass

    thread = threading.Thread(target=once, daemon=True)
    thread.start()
    return server, got


def test_no_address_of_this_machine_or_its_neighbours_may_be_called():
    assert [each for each in FORBIDDEN if outbound.may_be_called(each)] == []
    for public in ("93.184.216.34", "8.8.8.8", "2606:4700:4700::1111", "64:ff9b::808:808", "::ffff:8.8.8.8"):
        assert outbound.may_be_called(public), public


def test_a_setting_allows_networks_of_ones_own(settings):
    settings.WEBHOOK_LOCAL_NETWORKS = [ipaddress.ip_network("127.0.0.0/8")]
    assert outbound.may_be_called("127.0.0.1")
    assert outbound.may_be_called("::ffff:127.0.0.1")
    assert not outbound.may_be_called("10.0.0.1")


@pytest.mark.parametrize(
    "url",
    [
        "",
        "ftp://example.com",
        "//example.com",
        "http://",
        "http:///path",
        "javascript:alert(1)",
        "http://example.com:99999",
        "http://example.com:0",
        "http://a b.com",
        "http://exa\nmple.com",
        "http://user:secret@93.184.216.34/",
        "http://93.184.216.34@127.0.0.1/",
        "http://[::1]/",
        "http://[::ffff:127.0.0.1]/",
        "http://127.0.0.1:8000/hook",
        "http://0x7f000001/",
        "http://2130706433/",
        "http://0/",
        "http://localhost/",
        "http://" + "a" * 2048,
    ],
)
def test_a_url_that_is_none_or_leads_here_is_refused(url):
    with pytest.raises(BadAddress):
        outbound.check_url(url)


def test_every_address_of_a_name_counts(resolves):
    resolves.append(["93.184.216.34", "127.0.0.1"])
    with pytest.raises(BadAddress, match="may not be called"):
        outbound.check_url("https://example.com/hook")
    resolves[0] = ["93.184.216.34"]
    outbound.check_url("https://example.com/hook")


def test_a_name_that_does_not_resolve_in_time_is_refused(monkeypatch):
    monkeypatch.setattr(outbound, "LOOKUP_SECONDS", 0.01)
    hold = threading.Event()
    monkeypatch.setattr(outbound, "_look_up", lambda host, port: hold.wait(5) or [])
    with pytest.raises(BadAddress, match="does not resolve"):
        outbound.check_url("https://example.com/hook")
    hold.set()


def test_a_name_that_leads_here_only_when_it_is_called_is_not_called(resolves):
    server, got = serve()
    resolves += [["93.184.216.34"], ["127.0.0.1"]]
    url = f"http://example.com:{server.getsockname()[1]}/hook"
    outbound.check_url(url)
    with pytest.raises(BadAddress):
        outbound.post(url, headers={}, body=b"{}", seconds=2)
    server.close()
    assert got == []


def test_the_call_goes_to_the_address_that_was_looked_at_under_the_name_that_was_asked(resolves, settings):
    settings.WEBHOOK_LOCAL_NETWORKS = [ipaddress.ip_network("127.0.0.0/8")]
    server, got = serve()
    resolves.append(["127.0.0.1"])
    answer = outbound.post(f"http://hook.test:{server.getsockname()[1]}/a?b", headers={"x": "1"}, body=b"{}", seconds=2)
    server.close()
    assert answer.status == 204
    assert got[0].startswith(b"POST /a?b HTTP/1.1\r\nHost: hook.test:")


def test_the_whole_call_has_one_deadline(settings):
    settings.WEBHOOK_LOCAL_NETWORKS = [ipaddress.ip_network("127.0.0.0/8")]
    server, _ = serve(b"")
    with pytest.raises(Unanswered, match="no answer within 0 s"):
        outbound.post(f"http://127.0.0.1:{server.getsockname()[1]}/", headers={}, body=b"{}", seconds=0.05)
    server.close()


def test_nobody_there_is_no_answer(settings):
    settings.WEBHOOK_LOCAL_NETWORKS = [ipaddress.ip_network("127.0.0.0/8")]
    server = socket.create_server(("127.0.0.1", 0))
    port = server.getsockname()[1]
    server.close()
    with pytest.raises(Unanswered, match="ConnectError"):
        outbound.post(f"http://127.0.0.1:{port}/", headers={}, body=b"{}", seconds=2)


def test_what_is_no_http_is_no_answer(settings):
    settings.WEBHOOK_LOCAL_NETWORKS = [ipaddress.ip_network("127.0.0.0/8")]
    server, _ = serve(b"SSH-2.0-nonsense\r\n\r\n")
    with pytest.raises(Unanswered):
        outbound.post(f"http://127.0.0.1:{server.getsockname()[1]}/", headers={}, body=b"{}", seconds=2)
    server.close()


def test_a_look_up_that_nobody_waits_for_any_more_is_not_begun(monkeypatch):
    asked: list[str] = []
    slow = threading.Event()

    def look_up(host: str, port: int) -> list[str]:
        asked.append(host)
        slow.wait(10)
        return ["8.8.8.8"]

    monkeypatch.setattr(outbound, "_look_up", look_up)
    with ThreadPoolExecutor(1) as pool:
        monkeypatch.setattr(outbound, "_lookups", pool)
        for host in ("slow.example", "behind.example"):
            with pytest.raises(outbound.BadAddress):
                outbound.addresses_of(host, 443, seconds=0.05)
        slow.set()
        assert outbound.addresses_of("next.example", 443, seconds=5) == ["8.8.8.8"]
    assert asked == ["slow.example", "next.example"]
