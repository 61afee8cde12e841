"""The e-mail around a template's words: layout, inlined styles, and the plain-text part."""

from __future__ import annotations

from functools import cache
from html.parser import HTMLParser

import css_inline
import nh3
from django.template.loader import render_to_string
from django.utils.safestring import mark_safe

from accounts.domain.branding import Brand
from accounts.models import Account
from campaigns.domain import words

# What a tenant may write into a mail. Scripts, forms, frames and event handlers are not in it.
_TAGS = {
    "a",
    "b",
    "blockquote",
    "br",
    "div",
    "em",
    "h1",
    "h2",
    "h3",
    "hr",
    "i",
    "img",
    "li",
    "ol",
    "p",
    "small",
    "span",
    "strong",
    "table",
    "tbody",
    "td",
    "tr",
    "u",
    "ul",
}
_ATTRIBUTES = {
    "*": {"align", "style"},
    "a": {"href", "title"},
    "img": {"src", "alt", "width", "height"},
    "td": {"width", "valign", "colspan"},
    "table": {"width", "cellpadding", "cellspacing", "border", "role"},
}
_STYLES = {
    "color",
    "background-color",
    "font-size",
    "font-weight",
    "font-style",
    "text-align",
    "text-decoration",
    "line-height",
    "margin",
    "padding",
    "border",
    "border-radius",
    "width",
    "max-width",
    "height",
}
_LINK_SCHEMES = {"http", "https", "mailto", "tel"}


def clean(html: str) -> str:
    """The tenant's rendered HTML without anything active."""
    return nh3.clean(
        html,
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        allowed_classes={"a": {"button"}},
        filter_style_properties=_STYLES,
        url_schemes=_LINK_SCHEMES,
        link_rel=None,
    )


def page(*, account: Account, brand: Brand, subject: str, inner: str, unsubscribe_link: str, language: str) -> str:
    """The whole HTML part; `inner` has been through `clean`, and is in the language of whoever wrote the template,
    which we hope is `language`. What we add is in a language we speak."""
    html = render_to_string(
        "campaigns/mail/layout.html",
        {
            "language": language,
            "our_language": words.choose(language, account.language),
            "subject": subject,
            "brand": brand.name,
            "light": brand.light,
            "dark": brand.dark,
            "inner": mark_safe(inner),  # noqa: S308 - cleaned
            "postal_address": account.postal_address,
            "unsubscribe_link": unsubscribe_link,
        },
    )
    return _inliner().inline(html)


def plain(inner: str) -> str:
    """The text part of cleaned HTML: paragraphs, lists, and every link's address after its words."""
    reader = _Reader()
    reader.feed(inner)
    reader.close()
    lines = [" ".join(line.split()) for line in "".join(reader.parts).split("\n")]
    text = "\n".join(lines)
    while "\n\n\n" in text:
        text = text.replace("\n\n\n", "\n\n")
    return text.strip()


def footer(*, account: Account, brand: Brand, unsubscribe_link: str, language: str) -> str:
    """What the text part ends with."""
    address = f"{brand.name}, {account.postal_address}\n" if account.postal_address else ""
    unsubscribe = words.say(words.choose(language, account.language), "unsubscribe")
    return f"--\n{address}{unsubscribe}: {unsubscribe_link}"


@cache
def _inliner() -> css_inline.CSSInliner:
    return css_inline.CSSInliner(load_remote_stylesheets=False)


class _Reader(HTMLParser):
    """Collects text; block elements break the line, `a` is followed by its address."""

    BLOCKS = frozenset({"blockquote", "div", "h1", "h2", "h3", "hr", "ol", "p", "table", "tr", "ul"})

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._href = ""
        self._words = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "br":
            self.parts.append("\n")
        elif tag == "li":
            self.parts.append("\n- ")
        elif tag in self.BLOCKS:
            self.parts.append("\n\n")
        elif tag == "a":
            self._href, self._words = dict(attrs).get("href") or "", ""
        elif tag == "img":
            self.handle_data(dict(attrs).get("alt") or "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "a" and self._href:
            if self._href.removeprefix("mailto:").removeprefix("tel:") != self._words.strip():
                self.parts.append(f": {self._href}" if self._words.strip() else self._href)
            self._href = ""
        elif tag in self.BLOCKS:
            self.parts.append("\n\n")

    def handle_data(self, data: str) -> None:
        words = data.replace("\n", " ")
        self._words += words
        self.parts.append(words)
