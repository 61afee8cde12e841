"""What the console's lists cost: the same number of queries however many rows they show."""

from __future__ import annotations

from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.accounts.admin.test_isolation import MARK, OWNED, url
from tests.accounts.admin.world import rows_of

# Session, user, the reader's roles (2) and account, the menu's badges (2), the list's count and its rows: 9. On top
# a query per menu of related rows in the filter panel; the inbox asks for all tabs, what can be undone,
# all labels, the areas, what its rows say (4), and the views with their numbers (9).
QUERIES = {
    "accounts.Account": 10,
    "accounts.ApiKey": 11,
    "accounts.Invitation": 11,
    "accounts.Job": 10,
    "accounts.Membership": 11,
    "campaigns.Campaign": 13,
    "campaigns.Enrolment": 12,
    "campaigns.FeedbackRequest": 12,
    "campaigns.Message": 10,
    "campaigns.MessageTemplate": 11,
    "campaigns.OutboxEntry": 11,
    "campaigns.AskPage": 11,
    "campaigns.ProviderCredentials": 11,
    "campaigns.SendingRules": 10,
    "campaigns.SmsReply": 11,
    "crm.Company": 10,
    "crm.Customer": 11,
    "crm.Identity": 10,
    "crm.Location": 11,
    "crm.MergeRecord": 10,
    "crm.Suppression": 10,
    "feedback.FeedbackItem": 29,
    "feedback.FeedbackRecord": 11,
    "feedback.Label": 10,
    "feedback.Macro": 11,
    "feedback.Response": 11,
    "feedback.SavedView": 10,
    "feedback.ServiceHours": 10,
    "feedback.ServiceTarget": 11,
    "feedback.Source": 10,
    "feedback.SourceRecord": 11,
    "feedback.TenantPurge": 10,
    "feedback.TenantSettings": 10,
    "feedback.TriageRule": 12,
    "feedback.WebhookDelivery": 11,
    "feedback.WebhookEndpoint": 11,
    "reviews.Review": 12,
    "reviews.ReviewProfile": 12,
}


def queries(client: Any, model: Any) -> int:
    with CaptureQueriesContext(connection) as captured:
        assert client.get(url(model, "changelist")).status_code == 200
    return len(captured)


def test_lists_cost_the_same_with_one_row_and_with_three(account, alice):
    hers = alice.signed_in()
    rows_of(account, MARK)
    assert {model._meta.label: queries(hers, model) for model in OWNED} == QUERIES
    for _ in range(2):
        rows_of(account, MARK)
    assert {model._meta.label: queries(hers, model) for model in OWNED} == QUERIES
