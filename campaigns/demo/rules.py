"""Rules of the demo's accounts beside the one that each starts with. What came before them is theirs to be tried on."""

from __future__ import annotations

from campaigns.demo.stage import Stage
from feedback.domain.rules import editing


def of_cafe(stage: Stage) -> None:
    editing.create(
        account=stage.account,
        actor=stage.actor,
        name="Two stars or fewer in public",
        signal="review",
        compare="at_most",
        bound=2,
        item_type="complaint",
        area="Reviews",
        people=stage.staff[:1],
    )
    editing.create(
        account=stage.account,
        actor=stage.actor,
        name="Advertising is spam",
        signal="answer",
        words=["casino", "crypto", "http://"],
        item_type="other",
        status="spam",
    )


def of_software(stage: Stage) -> None:
    editing.create(
        account=stage.account,
        actor=stage.actor,
        name="Detractors who say why",
        signal="record",
        contract="hub",
        compare="at_most",
        bound=6,
        field_type="nps",
        has_words=True,
        item_type="complaint",
        area="Survey",
        people=stage.staff,
    )
    editing.create(
        account=stage.account,
        actor=stage.actor,
        name="A wrong AI reply",
        signal="thumb",
        compare="unhappy",
        has_words=True,
        item_type="confusing",
        area="AI replies",
    )
