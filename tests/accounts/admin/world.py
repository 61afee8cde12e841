"""A row of every kind that the console shows, each marked with a word to look for."""

from __future__ import annotations

from itertools import count
from typing import Any

from django.db.models import Model
from django.utils import timezone

from accounts.domain import actors, invitations, job_files, keys
from accounts.domain.actors import Actor
from accounts.models import Account, ApiKey, Invitation, Job, Membership, User
from campaigns.domain import campaigns, enrolments, requests, templates
from campaigns.domain.campaigns import CampaignFields
from campaigns.domain.sender import decisions, gates
from campaigns.domain.steps import StepDraft
from campaigns.models import (
    AskPage,
    Campaign,
    Enrolment,
    FeedbackRequest,
    Message,
    MessageTemplate,
    OutboxEntry,
    ProviderCredentials,
    ProviderEvent,
    SendAttempt,
    SendingRules,
    SmsReply,
)
from crm.domain.merging import merge
from crm.models import Company, Customer, Identity, Location, MergeRecord, Suppression
from feedback.domain import duplicates, items, labels, macros, responses, sources, tenants, triage, undo, views
from feedback.domain.items import ItemDraft
from feedback.domain.rules import editing
from feedback.domain.sla import settings
from feedback.domain.sources import SourceRecordDraft
from feedback.domain.webhooks import again, endpoints
from feedback.domain.webhooks.endpoints import EndpointDraft
from feedback.models import (
    FeedbackItem,
    FeedbackRecord,
    Label,
    Macro,
    Response,
    SavedView,
    ServiceHours,
    ServiceTarget,
    Source,
    SourceRecord,
    TenantPurge,
    TenantSettings,
    TriageRule,
    WebhookDelivery,
    WebhookEndpoint,
)
from feedbackhub import sealing
from reviews.domain import profiles, reviews
from reviews.domain.reviews import ReviewDraft
from reviews.models import Platform, Review, ReviewProfile

_numbers = count(1)
BY = actors.SYSTEM


def rows_of(account: Account, mark: str) -> dict[type[Model], Any]:
    """One row of every model in the console that an account owns; each says `mark` wherever it says anything."""
    number = next(_numbers)
    people = _people(account, mark, number)
    customer, location = people[Customer], people[Location]
    return {
        Account: account,
        ApiKey: keys.issue(account=account, name=f"{mark} key", actor=BY).key,
        Invitation: invitations.invite(account=account, email=f"{mark}{number}@example.net", actor=BY).invitation,
        Job: _job(account, mark),
        Membership: _member(account, mark, number),
        **people,
        **_said(account, mark, number, customer, location),
        Review: reviews.create(account=account, location=location, draft=_review(mark), actor=BY),
        ReviewProfile: profiles.add(
            account=account, location=location, url=f"https://{mark}{number}.example.com/page".lower(), actor=BY
        ),
        **_asked(account, mark, customer),
        **_sending(account, mark, number, customer, location),
    }


def _people(account: Account, mark: str, number: int) -> dict[type[Model], Any]:
    location = Location.objects.create(account=account, name=f"{mark} square", country_code="US", postal_code=mark)
    company = Company.objects.create(account=account, name=f"{mark} works {number}")
    customer = Customer.objects.create(
        account=account, fname=mark, sname=mark, email=f"{mark}{number}@example.org".lower(), company=company
    )
    customer.locations.add(location)
    return {
        Company: company,
        Identity: Identity.objects.create(
            account=account, customer=customer, kind=Identity.OWN, value=f"{mark}{number}"
        ),
        Customer: customer,
        Location: location,
        MergeRecord: _merged(account, mark, number, customer),
        Suppression: Suppression.objects.create(
            account=account, channel="sms", reason="opt_out", source="staff", address=f"{mark}{number}".lower()
        ),
    }


def _merged(account: Account, mark: str, number: int, customer: Customer) -> MergeRecord:
    twin = Customer.objects.create(account=account, fname=mark, sname=mark, email=f"{mark}{number}@example.net".lower())
    return merge.merge(account=account, winner=customer, loser=twin, actor=BY)


def _said(account: Account, mark: str, number: int, customer: Customer, location: Location) -> dict[type[Model], Any]:
    response = responses.submit(
        account=account, kind="nps", score=2, comment=mark, customer=customer, location=location, actor=BY
    )
    webhook = _webhook(account, mark)
    source = sources.create(account=account, name=f"{mark} calls", actor=BY)
    label = labels.create(account=account, name=f"{mark} {number}", actor=BY)
    macro = macros.create(account=account, name=f"{mark} {number}", note=mark, actor=BY)
    item = _item(account, mark, customer, location, response)
    labels.add(item=item, label=label, actor=BY)
    return {
        FeedbackItem: item,
        Label: label,
        Macro: macro,
        SavedView: _view(account, mark, number),
        FeedbackRecord: response.score,
        Response: response,
        Source: source,
        SourceRecord: sources.add_record(
            account=account,
            source=source,
            draft=SourceRecordDraft(external_id=f"{mark}-{number}", fields=[_field(mark)], customer=customer),
            actor=BY,
        ),
        WebhookEndpoint: webhook,
        WebhookDelivery: again.ping(endpoint=webhook, actor=Actor("system", label=mark)),
        TenantSettings: _settings(account, mark),
        ServiceHours: ServiceHours.objects.get_or_create(account=account, defaults={"holidays": mark})[0],
        ServiceTarget: settings.save_target(
            target=ServiceTarget(account=account, name=f"{mark} target", first_minutes=60), actor=BY
        ),
        TriageRule: editing.create(
            account=account, actor=BY, name=f"{mark} rule", signal="thumb", words=[mark], area=mark, tenant_id=mark
        ),
        TenantPurge: tenants.ask_for_purge(account=account, tenant_id=mark, actor=BY),
    }


def _asked(account: Account, mark: str, customer: Customer) -> dict[type[Model], Any]:
    template = templates.create(
        account=account,
        name=f"{mark} mail",
        channel="email",
        subject=f"{mark}, how was it?",
        body=f"<p>{mark} {{{{ link }}}}</p>",
        actor=BY,
    )
    request = requests.create(account=account, customer=customer, template=template, actor=BY)
    message = request.message
    SendAttempt.objects.create(
        message=message, seq=1, provider="smtp", idem_key=f"{message.pk}:1", fence=1, owner=mark, error=mark
    )
    run = in_a_campaign(customer, template)
    return {
        Campaign: run.campaign,
        Enrolment: run,
        FeedbackRequest: request,
        Message: message,
        MessageTemplate: template,
    }


def _sending(
    account: Account, mark: str, number: int, customer: Customer, location: Location
) -> dict[type[Model], Any]:
    return {
        AskPage: AskPage.objects.create(account=account, location=location),
        SendingRules: SendingRules.objects.get_or_create(account=account, defaults={"holidays": mark})[0],
        ProviderCredentials: ProviderCredentials.objects.get_or_create(
            account=account, channel="sms", defaults={"sealed_url": sealing.seal("x"), "summary": f"relay {mark}"}
        )[0],
        SmsReply: SmsReply.objects.create(
            account=account,
            event=ProviderEvent.objects.create(provider="relay", event_id=f"{mark}{number}", kind="incoming"),
            customer=customer,
            address="+12015550123",
            sender="+15005550006",
            text=f"{mark} stop by",
            reading="doubtful",
        ),
        OutboxEntry: OutboxEntry.objects.create(
            account=account,
            idem_key=f"{mark}{number}",
            channel="email",
            address=f"{mark}@example.org".lower(),
            subject=mark,
            text_body=mark,
            html_body=f"<html><head></head><body>{mark}</body></html>",
        ),
    }


def in_a_campaign(customer: Customer, template: MessageTemplate) -> Enrolment:
    """Somebody who is in a running campaign, with a decision about its step."""
    account, by = customer.account, actors.SYSTEM
    Account.objects.filter(pk=account.pk, postal_address="").update(postal_address="1 Main Street")
    fields = CampaignFields(name=f"{template.name} campaign", enters_on_add=False)
    campaign = campaigns.create(account=account, fields=fields, steps=[StepDraft(template=template)], actor=by)
    run = enrolments.enrol(campaign=campaigns.launch(campaign=campaign, actor=by), customer=customer, actor=by)
    verdict = gates.verdict("once_a_step", template.name, gates.Stop("cancelled", template.name))
    assert run.next_step is not None
    decisions.store_step(enrolment=run, step=run.next_step, decision=gates.Decision((verdict,)))
    return run


def _member(account: Account, mark: str, number: int) -> Membership:
    user = User.objects.create_user(f"{mark}{number}@example.com", name=f"{mark} {number}")
    return Membership.objects.create(account=account, user=user, role="standard")


def _job(account: Account, mark: str) -> Job:
    job = Job.objects.create(
        account=account, kind=mark, title=f"{mark} work", created_by="user:x", created_by_name=mark
    )
    job_files.append(job=job, role="result", name=f"{mark}.csv", content_type="text/csv", data=mark.encode())
    return job


def _webhook(account: Account, mark: str) -> WebhookEndpoint:
    draft = EndpointDraft(tenant_id=mark, url=f"https://93.184.216.34/{mark}")
    return endpoints.create(account=account, draft=draft, actor=actors.SYSTEM).endpoint


def _settings(account: Account, mark: str) -> TenantSettings:
    tenants.merge_settings(account=account, tenant_id=mark, changes={"sentiment_enabled": False}, actor=actors.SYSTEM)
    return TenantSettings.objects.get(account=account, tenant_id=mark)


def _item(account: Account, mark: str, customer: Any, location: Any, response: Response) -> FeedbackItem:
    draft = ItemDraft(
        message=f"{mark} said something",
        channel=FeedbackItem.Channel.PRODUCT,
        area=mark,
        customer=customer,
        location=location,
    )
    item = items.create(account=account, draft=draft, actor=actors.SYSTEM, evidence=(response.score,))
    with undo.undoable(actor=actors.SYSTEM) as action:
        triage.add_note(item=item, body=f"{mark} noted", actor=actors.SYSTEM)
        action.said = f"{mark} noted."
    # The one that the unhappy answer became.
    other = FeedbackItem.objects.filter(account=account).exclude(pk=item.pk).latest("created_at")
    duplicates.tell_apart(item=item, other=other, actor=actors.SYSTEM)
    return item


def _view(account: Account, mark: str, number: int) -> SavedView:
    # The member that was made just before.
    owner = User.objects.filter(memberships__account=account).order_by("-pk")[0]
    return views.create(
        account=account, owner=owner, name=f"{mark} view {number}", query=f"tab=all&area={mark}", shared=True, actor=BY
    )


def _field(mark: str) -> dict[str, Any]:
    return {"category": "metadata", "type": "string", "name": mark, "value": mark}


def _review(mark: str) -> ReviewDraft:
    platform, _ = Platform.objects.get_or_create(slug="example", defaults={"name": "Example Reviews"})
    return ReviewDraft(
        platform=platform, rating=4, title=f"{mark} bread", reviewer_name=mark, reviewed_at=timezone.now()
    )
