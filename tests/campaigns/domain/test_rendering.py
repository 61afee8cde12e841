"""A template and a request become words, and a person's own words cannot become ours."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.domain.actors import SYSTEM
from accounts.models import Account
from campaigns.domain import links, templates
from campaigns.domain.rendering import mail, render, values
from campaigns.domain.rendering.values import Values, one_line, personal
from campaigns.models import Message
from tests.campaigns.asking import ask, message_of, somebody


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("Maria", "Maria"),
        ("  Anna   Lena ", "Anna Lena"),
        ("O'Neil-Müller", "O'Neil-Müller"),
        ("J. R. St. John", "J. R. St. John"),
        (None, ""),
        ("Jane\r\nBcc: all@example.com", "Jane Bcc:"),
        ("Win http://evil.example/x now", "Win now"),
        ("hxxps://evil.example", ""),
        ("www.evil.example", ""),
        ("evil.example/prize", "evil. example/prize"),
        ("evil。example", "evil. example"),
        ("\uff45\uff56\uff49\uff4c\uff0eexample", "evil. example"),  # full width
        ("mail me@evil.example", "mail"),
        ("call +1 (201) 555-0123 now", "call now"),
        ("0800 123 456", ""),
        ("Jane 2nd", "Jane 2nd"),
        ("<script>alert(1)</script>", "scriptalert(1)/script"),
        ("{{ account.name }}", "account. name"),
        ("x\u202etxt\u200b", "x txt"),
        ("a" * 200, "a" * 64),
    ],
)
def test_a_personal_value_is_one_short_line_without_ways_to_be_reached(written: str | None, read: str):
    assert personal(written) == read


@given(st.text(max_size=300))
def test_a_personal_value_never_breaks_a_line_or_a_limit(written: str):
    read = personal(written)
    assert len(read) <= 64
    assert read.isprintable()
    assert "://" not in read
    assert "@" not in read


@given(st.text(max_size=300))
def test_one_line_is_one_to_whoever_splits_lines(written: str):
    assert len(one_line(written).splitlines()) <= 1


def test_long_hostile_names_take_no_time():
    for hostile in ("1" * 100_000, "a." * 50_000, "http:" * 20_000, "+ (" * 30_000):
        assert len(personal(hostile)) <= 64


@pytest.mark.django_db
def test_exactly_the_promised_names_are_given(account: Account):
    message = message_of(ask(account))
    assert message.feedback_request is not None
    given = Values(message.feedback_request, message).as_liquid()
    assert {name: sorted(value) for name, value in given.items() if isinstance(value, dict)} == {
        name: sorted(value) for name, value in values.SAMPLE.items() if isinstance(value, dict)
    }
    assert given.keys() == values.SAMPLE.keys()


@pytest.mark.django_db
def test_a_mail_has_subject_text_and_html_with_link_address_and_unsubscribe(account: Account):
    request = ask(account, customer=somebody(account, fname="Zoë <b>"))
    message = message_of(request)
    link, out = links.full_url(request), links.unsubscribe_url(message)
    assert message.subject == "How are we doing, Zoë b?"
    assert message.text_body == (
        "Hello Zoë b,\n\nThank you for using Alice's Bakery. How did we do? It takes less than a minute.\n\n"
        f"Tell us what you think: {link}\n\nThank you,\nAlice's Bakery\n\n"
        f"--\nAlice's Bakery, 1 Main Street, Springfield\nUnsubscribe: {out}\n"
    )
    for part in (f'href="{link}"', f'href="{out}"', "1 Main Street", "Zoë b", "prefers-color-scheme: dark"):
        assert part in message.html_body
    # One declaration of the media queries, and the rest inlined.
    assert message.html_body.count("prefers-color-scheme") == 1
    assert 'class="inner" style="font-family' in message.html_body
    assert message.sms_segments == 0


@pytest.mark.django_db
def test_values_are_escaped_in_html_and_plain_in_text(account: Account):
    account.brand_name = "Müller & Söhne <i>"
    account.save()
    message = message_of(ask(account))
    assert "Müller &amp; Söhne &lt;i&gt;" in message.html_body
    assert "Söhne <i>" not in message.html_body
    assert "using Müller & Söhne <i>." in message.text_body


@pytest.mark.django_db
def test_an_sms_is_text_with_the_link_and_its_real_segments(account: Account):
    request = ask(account, "sms")
    message = message_of(request)
    assert message.text_body == (
        f"Hi Jane, thank you for using Alice's Bakery. How did we do? {links.full_url(request)} Reply STOP to opt out."
    )
    assert (message.sms_segments, message.html_body, message.subject) == (1, "", "")
    long = message_of(ask(account, "sms", customer=somebody(account, fname="Zofia Ł")))
    assert long.sms_segments == 2


@pytest.mark.django_db
def test_a_templates_own_text_part_is_used(account: Account):
    template = templates.create(
        account=account,
        name="Own",
        channel="email",
        subject="Hi",
        body="<p>{{ link }}</p>",
        text_body="Go: {{ link }}",
        actor=SYSTEM,
    )
    request = ask(account)
    request.template = template
    rendered = render(request=request, message=Message(account=account))
    assert rendered.text.startswith(f"Go: {links.full_url(request)}\n\n--\n")


def test_nothing_active_survives_in_a_tenants_html():
    hostile = (
        '<p onclick="x()">Hi</p><script>x()</script><style>p{}</style><iframe src="//e"></iframe><form><input></form>'
        '<a href="javascript:x()">j</a><img src="data:text/html,x" onerror="x()"><svg onload="x()"></svg>'
        '<a class="button other" href="https://ok.example" style="color:red;position:fixed">ok</a>'
    )
    assert mail.clean(hostile) == (
        '<p>Hi</p><a>j</a><img><a class="button" href="https://ok.example" style="color:red">ok</a>'
    )


def test_the_text_part_keeps_lists_breaks_and_addresses():
    html = (
        "<h1>Hi</h1><p>One<br>two &amp; three</p><ul><li>a</li><li>b</li></ul>"
        '<p><a href="https://x.example/1">Say</a> or <a href="mailto:me@x.example">me@x.example</a></p>'
        '<p><a href="https://x.example/2"><img alt="Logo" src="https://x.example/l.png"></a></p>'
    )
    assert mail.plain(html) == (
        "Hi\n\nOne\ntwo & three\n\n- a\n- b\n\nSay: https://x.example/1 or me@x.example\n\nLogo: https://x.example/2"
    )
