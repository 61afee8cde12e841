"""Importing and exporting as people do it in the console."""

from __future__ import annotations

import io
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from accounts.domain import exporting, job_files, jobs
from accounts.models import Job
from crm.models import Customer
from feedbackhub.tables import reading
from tests.accounts.admin.test_isolation import as_user

UPLOAD = "/console/crm/customer/import/"


def hand_in(client: Any, account: Any, data: bytes = b"email,Vorname\nmia@example.org,Mia\n") -> Any:
    return client.post(UPLOAD, {"account": account.pk, "file": SimpleUploadedFile("people.csv", data)})


def columns_of(job: Job) -> str:
    return reverse("admin:import_columns", args=[job.pk])


def content(job: Job) -> list[list[str]]:
    data = b"".join(job_files.read(file=job_files.of(job=job, role="result")))
    table = reading.read(io.BytesIO(data), size=len(data))
    return [table.headers, *(row.cells for row in table.rows)]


def test_from_the_file_to_the_customers(alice, account):
    hers = alice.signed_in()
    assert UPLOAD in hers.get(reverse("admin:crm_customer_changelist")).content.decode()
    answer = hand_in(hers, account)
    job = Job.objects.get()
    assert answer["Location"] == columns_of(job)
    page = hers.get(columns_of(job)).content.decode()
    assert "The first 1 row can be taken." in page
    posted = {"column0": "email", "column1": "fname", "existing": "update", "country": "AT"}
    # Without a word on consent nothing begins.
    assert "agreed to be written to" in hers.post(columns_of(job), {**posted, "start": ""}).content.decode()
    started = hers.post(columns_of(job), {**posted, "consent": "Ticked on a form", "start": ""})
    assert started["Location"] == reverse("admin:accounts_job_change", args=[job.pk])
    jobs.run(seconds=30)
    assert Customer.objects.get().fname == "Mia"
    assert "Added" in hers.get(started["Location"]).content.decode()
    # What has begun is not chosen again.
    assert hers.get(columns_of(job))["Location"] == started["Location"]


def test_a_file_that_cannot_be_read_is_said_on_the_page(alice, account):
    hers = alice.signed_in()
    assert "This is no Excel workbook" in hand_in(hers, account, b"PK\x03\x04nonsense").content.decode()
    assert "Choose an account and a file." in hers.post(UPLOAD, {"account": account.pk}).content.decode()
    assert Job.objects.count() == 0


def test_nobody_imports_into_anothers_account(alice, charlie, account):
    assert "Choose an account and a file." in hand_in(charlie.signed_in(), account).content.decode()
    assert hand_in(as_user("restricted", account, "rita@example.com"), account).status_code == 403
    assert Job.objects.count() == 0
    hand_in(alice.signed_in(), account)
    job = Job.objects.get()
    assert charlie.signed_in().get(columns_of(job)).status_code == 404


EXPORT = reverse("admin:crm_customer_export")


@pytest.mark.parametrize("format", ["csv", "xlsx"])
def test_a_list_becomes_a_file_as_it_is_filtered(alice, account, other_account, format):
    Customer.objects.create(account=account, email="mia@example.org", fname="=cmd()", properties={"a": 1})
    Customer.objects.create(account=account, email="tom@example.org")
    Customer.objects.create(account=other_account, email="mia@example.com")
    hers = alice.signed_in()
    page = hers.get(f"{EXPORT}?q=mia")
    assert "1 row, as the list is filtered (search: mia)." in page.content.decode()
    answer = hers.post(f"{EXPORT}?q=mia", {"account": account.pk, "format": format})
    job = Job.objects.get()
    assert answer["Location"] == reverse("admin:accounts_job_change", args=[job.pk])
    jobs.run(seconds=30)
    job.refresh_from_db()
    assert (job.state, job.counts) == ("done", {"rows written": 1})
    head, line = content(job)
    told = dict(zip(head, line, strict=False))
    assert (told["E-mail"], told["First name"], told["Properties"]) == ("mia@example.org", "'=cmd()", '{"a": 1}')
    assert job.files.get().name == f"customers.{format}"


def test_every_list_that_is_exported_has_its_columns(account, alice):
    from tests.accounts.admin.world import rows_of

    rows = rows_of(account, "Zyxomma")
    hers = alice.signed_in()
    for model in exporting._exports:
        app, name = model.lower().split(".")
        path = reverse(f"admin:{app}_{name}_export")
        path += "?tab=all" if name == "feedbackitem" else ""
        assert hers.post(path, {"account": account.pk}).status_code == 302, model
    jobs.run(seconds=60)
    made = {job.options["model"]: content(job) for job in Job.objects.filter(kind=exporting.KIND)}
    assert set(made) == set(exporting._exports)
    for model, lines in made.items():
        assert len(lines) >= 2, model
        assert len(lines[0]) == len(exporting._exports[model].headings), model
    assert rows


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("", ""),
        ("?internal__exact=1", ", as the list is filtered (internal: Yes)"),
        ("?created_at_from=2026-01-01", ", as the list is filtered (created at: from 2026-01-01)"),
        ("?p=999", ""),
    ],
)
def test_the_page_says_which_filters_hold(alice, asked, said):
    assert f"0 rows{said}." in alice.signed_in().get(f"{EXPORT}{asked}").content.decode()


def test_an_inbox_without_parameters_is_exported_by_its_first_tab_and_says_so(alice):
    inbox = reverse("admin:feedback_feedbackitem_export")
    hers = alice.signed_in()
    assert "0 rows, as the list is filtered (tab: New)." in hers.get(inbox).content.decode()
    assert "0 rows." in hers.get(f"{inbox}?tab=all").content.decode()
    told = hers.get(f"{inbox}?status__exact=spam&clock=overdue").content.decode()
    assert "0 rows, as the list is filtered (status: Spam; service target: Overdue)." in told


def test_a_filter_that_there_is_not_leads_back_to_the_list(alice):
    answer = alice.signed_in().get(f"{EXPORT}?nosuch=1", follow=True)
    assert answer.redirect_chain == [(reverse("admin:crm_customer_changelist"), 302)]
    assert "There is no such filter of this list." in answer.content.decode()


def test_the_button_takes_the_filters_and_not_the_page(alice, account):
    Customer.objects.create(account=account, email="mia@example.org")
    page = alice.signed_in().get(reverse("admin:crm_customer_changelist") + "?q=mia&p=1")
    assert f'href="{EXPORT}?q=mia"' in page.content.decode()


def test_who_may_not_export(charlie, account, other_account):
    Customer.objects.create(account=account, email="mia@example.org")
    theirs = as_user("restricted", account, "rita@example.com")
    assert theirs.post(EXPORT, {"account": account.pk}).status_code == 403
    his = charlie.signed_in()
    assert "Choose an account." in his.post(EXPORT, {"account": account.pk}).content.decode()
    assert "The list is empty." in his.post(EXPORT, {"account": other_account.pk}).content.decode()
    assert Job.objects.count() == 0


def test_too_many_rows_are_refused(alice, account, monkeypatch):
    monkeypatch.setattr(exporting, "MOST_IN_XLSX", 1)
    for n in range(2):
        Customer.objects.create(account=account, email=f"p{n}@example.org")
    said = alice.signed_in().post(EXPORT, {"account": account.pk, "format": "xlsx"}).content.decode()
    assert "More than 1 rows" in said
    assert Job.objects.count() == 0
