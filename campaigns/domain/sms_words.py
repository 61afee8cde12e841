"""What somebody means who writes back by SMS: by whole messages, not by words inside of them."""

from __future__ import annotations

import re
import unicodedata

from campaigns.models import SmsReply

Reading = SmsReply.Reading

STOP = frozenset(
    re.split(
        r"\s*[|\n]\s*",
        """
        stop | stopall | stop all | unsubscribe | cancel | end | quit | revoke | optout | opt out | remove | arret | td
        stop texting me | stop texting | stop messaging me | stop messages | stop texts | stop sending me texts
        stop contacting me | stop sending | stop it | stop this | unsubscribe me | opt me out
        remove me | remove me from your list | take me off | take me off your list | take me off this list
        do not text me | dont text me | do not contact me | dont contact me | do not message me | dont message me
        no more texts | no more messages | no more | leave me alone | no mas | stopp
        """.strip(),
    )
)
START = frozenset({"start", "unstop", "yes"})
HELP = frozenset({"help", "info"})

# Around a wish, not part of it.
_POLITE = re.compile(r"\b(?:please|pls|plz|thanks|thank you|thx|now|hi|hello|hey|ok|okay|just|por favor|immediately)\b")
# Somewhere in a longer text they may be a wish or not: that is for a person to say, and until then it is one.
_PERHAPS = re.compile(
    r"\b(?:stop|stopped|stopping|unsubscribe|unsubscribed|opt out|optout|opted out|remove me|take me off"
    r"|(?:do not|dont|never) (?:text|contact|message|write)|no more (?:texts|messages|sms)|leave me alone|spam"
    r"|wrong number)\b"
)
_ON_THE_CONTRARY = re.compile(r"\b(?:do not|dont|never|non|not|cant|wont|didnt) (?:\w+ )?(?:stop|unsubscribe)\w*\b")


def read(text: str) -> SmsReply.Reading:
    plain = _plain(text)
    bare = " ".join(_POLITE.sub(" ", plain).split())
    if plain in START or bare in START:
        return Reading.START
    if _is(STOP, plain, bare):
        return Reading.STOP
    if _is(HELP, plain, bare):
        return Reading.HELP
    return Reading.DOUBTFUL if _PERHAPS.search(_ON_THE_CONTRARY.sub(" ", plain)) else Reading.WORDS


def _is(words: frozenset[str], *texts: str) -> bool:
    """Also spelled out: S.T.O.P and STOP-ALL."""
    return any(text in words or text.replace(" ", "") in words for text in texts)


def _plain(text: str) -> str:
    """Lower case, without accents and punctuation; an apostrophe joins, everything else parts."""
    folded = unicodedata.normalize("NFKD", text[:1600]).casefold()
    letters = "".join(char for char in folded if not unicodedata.combining(char))
    joined = re.sub(r"['\u2018\u2019`\u00b4]", "", letters)
    return " ".join(re.sub(r"[^\w]+|_", " ", joined).split())
