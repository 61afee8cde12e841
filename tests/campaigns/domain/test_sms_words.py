"""Which words end messages, and which do not."""

from __future__ import annotations

import pytest

from campaigns.domain.sms_words import read

READINGS = {
    "stop": """
        STOP|stop|Stop.|STOPALL|Stop All|stop-all|UNSUBSCRIBE|Cancel|END|quit!|Revoke|OPTOUT|opt out|Opt-Out|REMOVE|TD
        Arrêt|S.T.O.P|"STOP"|stop please|Please stop|STOP NOW|\uff33\uff34\uff2f\uff30|stop texting me|remove me|no mas
        ¡No más!|Don't text me|don\u2019t contact me|unsubscribe me please|Take me off your list|Please stop texting me!
        """,
    "start": "START|start|UnStop|YES|yes!|Start please",
    "help": "HELP|Help?|info|INFO",
    "doubtful": """
        I told you to stop|Can you stop by tomorrow?|how do I unsubscribe from this|this is spam|Wrong number
        you need to remove me from whatever this is|never text me again|Stop it, I said stop writing
        """,
    "words": """
        please don't stop|nonstop fun|non-stop|Great service, 10 of 10|It never stopped raining, lovely though|👍
        The end of the meal was great|I will cancel my plans to come again|never stop doing what you do|yes it was great
        """,
}


@pytest.mark.parametrize(
    ("text", "reading"),
    [
        (text.strip(), reading)
        for reading, texts in READINGS.items()
        for text in texts.strip().replace("\n", "|").split("|")
    ],
)
def test_whole_messages_count_not_words_inside_of_them(text: str, reading: str):
    assert read(text) == reading
