"""What a mail looks like on the wire."""

from __future__ import annotations

from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP, default

import pytest
from pytest_django import Settings

from campaigns.providers import mime
from tests.campaigns.providers.envelopes import MESSAGE, mail


def parsed(**fields: str) -> EmailMessage:
    return message_from_bytes(mime.build(mail(**fields)), policy=default)  # type: ignore[return-value,arg-type]


@pytest.fixture(autouse=True)
def _sender(settings: Settings) -> None:
    settings.DEFAULT_FROM_EMAIL = "FeedbackHub <hub@mail.example.com>"
    settings.BASE_URL = "https://hub.example.com"


def test_the_headers_are_complete():
    message = parsed()
    expected = {
        "From": "Alice's Bakery <hub@mail.example.com>",
        "To": "jane@example.com",
        "Reply-To": "alice@example.com",
        "Subject": "How was it?",
        "Message-ID": f"<{MESSAGE}@hub.example.com>",
        "List-Unsubscribe": "<https://hub.example.com/u/token>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        "List-Id": '"Alice\'s Bakery" <abc123.hub.example.com>',
        "Auto-Submitted": "auto-generated",
    }
    assert {name: str(message[name]) for name in expected} == expected
    assert message["Date"].datetime.tzinfo is not None
    assert (message.is_multipart(), message.get_content_type()) == (True, "multipart/alternative")
    assert [part.get_content_type() for part in message.iter_parts()] == ["text/plain", "text/html"]
    assert [part.get_content().strip() for part in message.iter_parts()] == [  # type: ignore[attr-defined]
        "Tell us: https://hub.example.com/f/x",
        "<p>Tell us</p>",
    ]


def test_the_same_message_has_the_same_id_and_headers_on_every_attempt():
    assert mime.headers(mail(idem_key="x:1")) == mime.headers(mail(idem_key="x:2"))


def test_other_alphabets_and_quotes_survive():
    message = parsed(from_name='Zoë "Z" Müller, Söhne <x@y>', subject="Wie war’s? 🙂", text="Grüße\n.\n..x\nFrom here")  # noqa: RUF001
    assert message["From"].addresses[0].display_name == 'Zoë "Z" Müller, Söhne <x@y>'
    assert message["From"].addresses[0].addr_spec == "hub@mail.example.com"
    assert message["Subject"] == "Wie war’s? 🙂"  # noqa: RUF001
    assert next(message.iter_parts()).get_content().splitlines() == ["Grüße", ".", "..x", "From here"]  # type: ignore[attr-defined]


def test_long_lines_are_folded():
    raw = mime.build(mail(html=f"<p>{'x' * 5000}</p>", subject="word " * 50))
    assert max(len(line) for line in raw.split(b"\r\n")) <= 998
    assert b"\n" not in raw.replace(b"\r\n", b"")


@pytest.mark.parametrize("field", ["subject", "from_name", "reply_to", "to", "unsubscribe_url"])
@pytest.mark.parametrize("end", ["\r\n", "\n", "\r"])
def test_a_line_break_in_a_header_is_never_written(field: str, end: str):
    with pytest.raises(ValueError):  # noqa: PT011 - whichever header refuses it
        mime.build(mail(**{field: f"x{end}Bcc: all@example.com"}))


def test_a_list_name_cannot_leave_its_quotes():
    assert str(parsed(list_name='A" <b.example>\r\nX: y')["List-Id"]).startswith('"A b.exampleX: y" <')


@pytest.mark.parametrize(
    "fields",
    [{}, {"html": ""}, {"subject": "Wie war’s? 🙂 " * 9, "from_name": "Zoë"}, {"list_name": "ö" * 90}],  # noqa: RUF001
)
def test_headers_read_once_are_written_as_by_the_usual_policy(fields: dict[str, str], monkeypatch: pytest.MonkeyPatch):
    mime.build(mail(**fields))
    again = mime.build(mail(to="other@example.com", **fields))
    monkeypatch.setattr(mime, "_POLICY", SMTP)
    assert undated(again) == undated(mime.build(mail(to="other@example.com", **fields)))


def undated(raw: bytes) -> list[bytes]:
    return [line for line in raw.split(b"\r\n") if not line.startswith(b"Date: ")]
