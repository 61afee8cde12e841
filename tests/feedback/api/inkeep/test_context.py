"""The message and the conversation of a thumb: kept if they were sent, made up if not."""

from __future__ import annotations

from typing import Any

from feedback.models import FeedbackRecord

THUMB = {"id": "f-1", "type": "negative", "messageId": "m-2", "createdAt": "2026-01-31T12:00:00Z"}
AT = "2026-01-31T12:00:00.000Z"
MESSAGE: dict[str, Any] = {
    "id": "m-2",
    "type": "openai",
    "externalId": "x-1",
    "externalUrl": None,
    "conversationId": "conv-1",
    "createdAt": "2026-01-30 at noon",
    "updatedAt": "later",
    "role": "assistant",
    "content": [{"type": "text", "text": "Bake it for 30 minutes."}],
    "links": [{"url": "https://example.com", "title": None}],
    "properties": {"tokens": 1.0},
    "ours": 5,
}
CONVERSATION: dict[str, Any] = {
    "id": "conv-1",
    "type": "openai",
    "externalId": None,
    "externalUrl": "https://example.com/c/1",
    "supportTicketConversationId": None,
    "createdAt": AT,
    "updatedAt": AT,
    "projectId": "p-1",
    "integrationId": None,
    "visibility": "private",
    "tags": ["bread"],
    "messages": [{**MESSAGE, "id": "m-1", "role": "user", "content": "How long?"}, MESSAGE],
    "messagesOpenAIFormat": [{"role": "user", "content": "How long?"}],
}


def read(inkeep: Any, **sent: Any) -> dict[str, Any]:
    logged = inkeep.post("/feedback", {**THUMB, **sent})
    assert logged.status_code == 200, logged.content
    assert not {"message", "conversation"} & logged.json().keys()
    answer: dict[str, Any] = inkeep.get("/feedback/f-1").json()
    return answer


def test_what_was_sent_comes_back_as_it_was(inkeep):
    answer = read(inkeep, message=MESSAGE, conversation=CONVERSATION)
    assert (answer["message"], answer["conversation"]) == (MESSAGE, CONVERSATION)
    # A later update that does not name them keeps them.
    answer = read(inkeep)
    assert (answer["message"], answer["conversation"]) == (MESSAGE, CONVERSATION)
    listed = inkeep.get("/feedback").json()["negativeFeedback"]
    assert listed == [answer]


def test_null_clears_them(inkeep):
    read(inkeep, message=MESSAGE, conversation=CONVERSATION)
    answer = read(inkeep, message=None, conversation=None)
    assert (answer["message"]["content"], answer["conversation"]["id"]) == ("", "m-2")


def test_what_a_client_insists_on_is_filled_in(inkeep):
    answer = read(inkeep, message={"content": "Bake it.", "conversationId": "conv-1", "externalId": None, "role": None})
    updated = answer["updatedAt"]
    assert answer["message"] == {
        "id": "m-2",
        "type": "openai",
        "externalId": None,
        "externalUrl": None,
        "conversationId": "conv-1",
        "createdAt": AT,
        "updatedAt": updated,
        "role": "assistant",
        "content": "Bake it.",
    }
    assert (answer["conversation"]["id"], answer["conversation"]["messages"]) == ("conv-1", [answer["message"]])
    assert answer["conversation"]["messagesOpenAIFormat"] == [{"role": "assistant", "content": "Bake it."}]


def test_the_message_is_found_in_the_conversation(inkeep):
    said = [{"role": "user", "content": "How long?"}, {"id": "m-2", "content": "30 minutes"}]
    answer = read(inkeep, conversation={"id": "conv-1", "messages": said})
    messages = answer["conversation"]["messages"]
    assert answer["message"] == messages[1]
    assert [(one["id"], one["role"], one["conversationId"]) for one in messages] == [
        ("conv-1:0", "user", "conv-1"),
        ("m-2", "assistant", "conv-1"),
    ]


def test_a_support_ticket_has_no_openai_format(inkeep):
    answer = read(inkeep, conversation={"type": "support_ticket", "messages": [{"role": "the agent"}]})
    assert "messagesOpenAIFormat" not in answer["conversation"]
    assert answer["conversation"]["messages"][0]["type"] == "support_ticket"


UNREADABLE: list[Any] = [
    ({"message": "hello"}, "message"),
    ({"message": {"role": "robot"}}, "message.role"),
    ({"message": {"type": "sms"}}, "message.type"),
    ({"message": {"id": 5}}, "message.id"),
    ({"message": {"content": 5}}, "message.content"),
    ({"message": {"links": [{}]}}, "message.links.0.url"),
    ({"message": {"userProperties": []}}, "message.userProperties"),
    ({"conversation": []}, "conversation"),
    ({"conversation": {"visibility": "secret"}}, "conversation.visibility"),
    ({"conversation": {"messages": [5]}}, "conversation.messages"),
    ({"conversation": {"messages": [{"role": 5}]}}, "conversation.messages.0.role"),
]


def test_what_a_client_would_refuse_to_read_is_not_taken(inkeep):
    for sent, name in UNREADABLE:
        answer = inkeep.post("/feedback", {**THUMB, **sent})
        assert (answer.status_code, answer.json()["errors"][0]["name"]) == (400, name), sent
    assert not FeedbackRecord.objects.exists()
