"""The page of jobs: bars, cancelling, and downloads for whoever asked."""

from __future__ import annotations

import pytest
from django.urls import reverse

from accounts.domain import job_files, jobs
from accounts.models import Job, Membership
from tests.accounts import jobbing
from tests.accounts.admin.test_isolation import as_user
from tests.conftest import Person


@pytest.fixture(autouse=True)
def _kind() -> None:
    jobbing.register()


@pytest.fixture
def job(alice: Person) -> Job:
    return jobbing.make(alice.account, actor=alice.actor)


def url(page: str, job: Job, *more: str) -> str:
    return reverse(f"admin:accounts_job_{page}", args=[job.pk, *more])


def finished(job: Job) -> Job:
    jobs.run()
    job.refresh_from_db()
    return job


def test_the_bar_tells_how_far_it_is(alice, job):
    hers = alice.signed_in()
    assert hers.get(url("progress", job)).json() == {"said": "Waiting", "percent": None, "over": False}
    Job.objects.update(state="running", done=1200, total=4800)
    assert hers.get(url("progress", job)).json() == {"said": "1,200 of 4,800", "percent": 25, "over": False}
    assert f'data-job="{url("progress", job)}"' in hers.get(url("change", job)).content.decode()
    finished(job)
    assert hers.get(url("progress", job)).json()["over"] is True


def test_whoever_asked_downloads_the_file(alice, job):
    finished(job)
    hers = alice.signed_in()
    assert url("file", job, "result") in hers.get(url("change", job)).content.decode()
    answer = hers.get(url("file", job, "result"))
    assert b"".join(answer) == b"0 1 2 3 4 "
    assert answer["Content-Disposition"] == "attachment; filename*=UTF-8''rows.txt"
    assert (answer["Content-Type"], answer["Cache-Control"]) == (
        "text/plain",
        "max-age=0, no-cache, no-store, must-revalidate, private",
    )
    assert hers.get(url("file", job, "errors")).status_code == 404


def test_what_came_in_is_not_handed_out(alice, job):
    job_files.append(job=job, role="input", name="x", content_type="text/plain", data=b"x")
    assert alice.signed_in().get(url("file", job, "input")).status_code == 404


def test_a_colleague_sees_the_job_but_gets_no_file(bob, job):
    finished(job)
    his = bob.signed_in()
    assert "Only Alice may download" in his.get(url("change", job)).content.decode()
    assert his.get(url("file", job, "result")).status_code == 403


def test_somebody_whose_role_was_taken_gets_no_file(alice, job):
    finished(job)
    Membership.objects.filter(user=alice.user).update(role="restricted")
    assert alice.signed_in().get(url("file", job, "result")).status_code == 404


@pytest.mark.parametrize("page", ["progress", "change", "cancel"])
def test_charlie_finds_nothing(charlie, job, page):
    assert charlie.signed_in().get(url(page, job)).status_code in (302, 404)
    assert charlie.signed_in().get(url("file", job, "result")).status_code == 404
    charlie.signed_in().post(url("cancel", job))
    job.refresh_from_db()
    assert job.state == "waiting"


def test_a_restricted_person_sees_no_jobs(job):
    theirs = as_user("restricted", job.account, "rita@example.com")
    assert theirs.get(reverse("admin:accounts_job_changelist")).status_code == 403


def test_cancelling(bob, job):
    his = bob.signed_in()
    assert his.get(url("cancel", job)).status_code == 404
    assert his.post(url("cancel", job)).headers["Location"] == url("change", job)
    job.refresh_from_db()
    assert (job.state, job.problem) == ("cancelled", "Cancelled by Bob.")
    assert "This job is over." in his.post(url("cancel", job), follow=True).content.decode()


def test_what_the_page_of_a_job_costs(alice, job, django_assert_num_queries):
    finished(job)
    hers = alice.signed_in()
    hers.get(url("change", job))
    with django_assert_num_queries(12):
        hers.get(url("change", job))
