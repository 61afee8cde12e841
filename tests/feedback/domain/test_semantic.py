"""Texts become vectors, and are found by what they mean; with the real model."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import numpy as np
import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.domain import actors
from feedback.domain import records, tenants
from feedback.domain.records import RecordDraft
from feedback.domain.semantic import model, search, upkeep
from feedback.domain.semantic.search import Place
from feedback.models import EmbeddingWalk, FeedbackRecord, RecordEmbedding
from feedbackhub.errors import NotFound
from feedbackhub.queues import Lag

pytestmark = pytest.mark.django_db

ACTOR = actors.SYSTEM


@pytest.fixture(autouse=True)
def _switched_on(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the packaged model; and no test waits a minute for records to settle."""
    settings.SEMANTIC_MODEL = ""
    monkeypatch.setattr(upkeep, "SETTLED", timedelta(seconds=-5))


@pytest.fixture
def say(account: Any) -> Callable[..., FeedbackRecord]:
    def store(text: str | None, *, tenant: str = "t", of: Any = account, kind: str = "text") -> FeedbackRecord:
        draft = RecordDraft(
            contract=FeedbackRecord.Contract.HUB,
            tenant_id=tenant,
            submission_id=str(uuid.uuid4()),
            source_type="survey",
            field_id="q",
            field_type=kind,
            value_text=text,
        )
        return records.create(account=of, draft=draft, actor=ACTOR)

    return store


def texts(found: list[search.Match]) -> list[str | None]:
    return [each.record.value_text for each in found]


def test_vectors_have_length_one_and_are_the_same_alone_and_among_others() -> None:
    alone, among = model.embed(["short"]), model.embed(["short", "a much longer text that needs more pieces " * 20])
    assert np.allclose(np.linalg.norm(among, axis=1), 1, atol=1e-3)
    assert float(alone[0] @ among[0]) > 0.99


def test_what_means_the_same_is_found_without_a_word_in_common(say, account) -> None:
    for text in ("The export hangs at 90 %", "I cannot sign in to my account", "Lovely coffee"):
        say(text)
    assert upkeep.run() == 3
    found = search.by_meaning(account=account, tenant_id="t", words="login does not work", at_least=0.4, limit=10)
    assert texts(found) == ["I cannot sign in to my account"]


def test_only_texts_of_the_tenant_and_the_account_are_found(say, account, other_account) -> None:
    say("Lovely coffee")
    say("Lovely coffee", tenant="another")
    say("Lovely coffee", of=other_account)
    say("Lovely coffee", kind="categorical")
    say(None)
    assert upkeep.run() == 3
    found = search.by_meaning(account=account, tenant_id="t", words="Lovely coffee", at_least=0.9, limit=10)
    assert [(each.record.account_id, each.record.tenant_id, each.score) for each in found] == [(account.pk, "t", 1.0)]


def test_the_walk_takes_each_record_once_and_goes_on_where_it_was(say, monkeypatch) -> None:
    monkeypatch.setattr(upkeep, "TEXTS", 2)
    monkeypatch.setattr(upkeep, "STEP", 3)
    for number in range(5):
        say(f"Remark {number}")
    assert upkeep.run() == 5
    assert upkeep.run() == 0
    say("One more")
    assert upkeep.run() == 1
    assert RecordEmbedding.objects.count() == 6


def test_a_record_that_may_not_have_settled_is_left_for_later(say, monkeypatch) -> None:
    monkeypatch.setattr(upkeep, "SETTLED", timedelta(minutes=1))
    say("Just now")
    assert (upkeep.run(), EmbeddingWalk.objects.get().position) == (0, None)


def test_a_corrected_text_is_found_by_its_new_words_only(say, account) -> None:
    record = say("Lovely coffee")
    upkeep.run()
    records.correct(account=account, record_id=record.pk, changes={"value_text": "The export hangs"}, actor=ACTOR)
    assert RecordEmbedding.objects.get().vector is None
    assert search.by_meaning(account=account, tenant_id="t", words="Lovely coffee", at_least=0, limit=5) == []
    assert upkeep.run() == 1
    found = search.by_meaning(account=account, tenant_id="t", words="The export hangs", at_least=0.9, limit=5)
    assert [each.record.pk for each in found] == [record.pk]


def test_a_correction_of_something_else_keeps_the_vector(say, account) -> None:
    record = say("Lovely coffee")
    upkeep.run()
    records.correct(account=account, record_id=record.pk, changes={"language": "en"}, actor=ACTOR)
    assert RecordEmbedding.objects.get().vector is not None


def test_a_text_corrected_while_its_vector_is_made_keeps_none(say, account, monkeypatch) -> None:
    record = say("Lovely coffee")
    embed = model.embed

    def slow(texts: list[str]) -> Any:
        FeedbackRecord.objects.filter(pk=record.pk).update(value_text="Other", updated_at=timezone.now())
        return embed(texts)

    monkeypatch.setattr(model, "embed", slow)
    assert upkeep.run() == 0
    assert not RecordEmbedding.objects.exists()


def test_pages_follow_each_other_and_leave_nothing_out(say, account) -> None:
    for number in range(7):
        say("The same words" if number < 4 else f"Words that are alike, number {number}")
    upkeep.run()
    seen, after = [], None
    while True:
        found = search.by_meaning(
            account=account, tenant_id="t", words="The same words", at_least=0.0, limit=2, after=after
        )
        if not found:
            break
        seen += [each.record.pk for each in found]
        after = Place(search.distance(found[-1].score), found[-1].record.pk)
    assert (len(seen), len(set(seen))) == (7, 7)


def test_what_is_like_an_answer_is_not_the_answer_itself(say, account, other_account) -> None:
    one, other = say("I cannot sign in"), say("Signing in is impossible for me")
    say("Lovely coffee")
    upkeep.run()
    found = search.like(account=account, record_id=one.pk, at_least=0.5, limit=5)
    assert [each.record.pk for each in found] == [other.pk]
    with pytest.raises(NotFound):
        search.like(account=other_account, record_id=one.pk, at_least=0.5, limit=5)


def test_an_answer_without_a_vector_is_like_nothing(say, account) -> None:
    with pytest.raises(NotFound, match="embedding not found"):
        search.like(account=account, record_id=say("Not yet").pk, at_least=0.5, limit=5)


def test_vectors_of_another_model_are_not_compared_and_made_anew(say, account) -> None:
    say("Lovely coffee")
    upkeep.run()
    RecordEmbedding.objects.update(model="another")
    EmbeddingWalk.objects.update(model="another")
    assert search.by_meaning(account=account, tenant_id="t", words="Lovely coffee", at_least=0, limit=5) == []
    assert upkeep.run() == 1
    assert len(search.by_meaning(account=account, tenant_id="t", words="Lovely coffee", at_least=0, limit=5)) == 1


def test_erasing_a_record_or_a_tenant_takes_the_vectors_along(say, account) -> None:
    record = say("Lovely coffee")
    say("Lovely tea")
    upkeep.run()
    records.delete(account=account, record_id=record.pk, actor=ACTOR)
    assert RecordEmbedding.objects.count() == 1
    erased = tenants.erase(account=account, tenant_id="t", actor=ACTOR)
    assert (erased.records, erased.embeddings, RecordEmbedding.objects.count()) == (1, 1, 0)


def test_a_vector_and_its_signs_go_together(say, account) -> None:
    say("Lovely coffee")
    upkeep.run()
    with pytest.raises(IntegrityError, match="embedding_vector_and_signs"), transaction.atomic():
        RecordEmbedding.objects.update(vector=None)


def test_the_lag_is_how_long_the_walk_stands_still(say) -> None:
    assert upkeep.lag() == Lag(0, 0.0)
    say("Lovely coffee")
    waiting = upkeep.lag()
    assert (waiting.due, waiting.late) == (1, False)
    upkeep.run()
    assert upkeep.lag() == Lag(0, 0.0)


def test_without_a_model_nothing_is_done(say, settings) -> None:
    say("Lovely coffee")
    settings.SEMANTIC_MODEL = "off"
    assert (model.available(), upkeep.run(), upkeep.lag()) == (False, 0, Lag(0, 0.0))
    with pytest.raises(LookupError):
        model.embed(["x"])


def test_a_directory_without_a_model_is_none(tmp_path, settings) -> None:
    settings.SEMANTIC_MODEL = str(tmp_path)
    assert not model.available()
