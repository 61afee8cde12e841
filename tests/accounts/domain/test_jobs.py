"""Jobs: steps that are done once each, whoever dies; files; who is given up."""

from __future__ import annotations

from datetime import timedelta
from threading import Event
from time import sleep

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from accounts.domain import actors, job_files, jobs
from accounts.domain.jobs import Step
from accounts.models import Account, Job, JobFile, JobPiece
from accounts.tasks import forget_old_jobs, run_jobs
from feedbackhub.errors import Conflict, Invalid, LimitReached, NotFound, Refused
from tests.accounts import jobbing
from tests.accounts.jobbing import make, noted
from tests.threads import at_once


@pytest.fixture(autouse=True)
def _kind() -> None:
    jobbing.register()


def due_again() -> None:
    """As if the lease or the pause had passed."""
    Job.objects.update(next_at=timezone.now() - timedelta(seconds=1))


def test_a_job_is_done_step_by_step(account):
    job = make(account)
    assert (job.state, job.percent) == ("waiting", None)
    assert jobs.run() == 3
    job.refresh_from_db()
    assert (job.state, job.done, job.total, job.counts, job.percent) == ("done", 5, 5, {"noted": 5}, 100)
    assert noted(job) == "0 1 2 3 4 "
    assert (job.tries, job.finished_at is not None) == (0, True)


def test_the_task_does_what_is_due(account):
    job = make(account)
    run_jobs()
    assert Job.objects.get(pk=job.pk).state == "done"


def test_the_one_that_waited_longest_goes_first(account, other_account, monkeypatch):
    order = []

    def step(job: Job) -> Step:
        order.append(job.account_id)
        return jobbing.step(job)

    jobbing.register(step)
    make(account), make(other_account)
    jobs.run()
    assert order == [account.pk, other_account.pk] * 3


def test_a_step_that_breaks_off_has_written_nothing_and_is_done_again(account):
    broken = []

    def step(job: Job) -> Step:
        done = jobbing.step(job)
        if job.place and not broken:
            broken.append(job)
            raise RuntimeError("the machine is on fire")
        return done

    jobbing.register(step)
    job = make(account)
    jobs.run()
    job.refresh_from_db()
    assert (job.state, job.done, job.tries) == ("running", 2, 1)
    due_again()
    jobs.run()
    job.refresh_from_db()
    assert (job.state, job.done, noted(job)) == ("done", 5, "0 1 2 3 4 ")


def test_a_job_that_never_gets_further_is_given_up(account):
    def step(job: Job) -> Step:
        raise RuntimeError("always")

    jobbing.register(step)
    job = make(account)
    for _ in range(jobs.TRIES + 1):
        due_again()
        jobs.run()
    job.refresh_from_db()
    assert (job.state, job.problem) == ("failed", "It broke off 5 times at the same place.")


def test_what_the_domain_refuses_ends_the_job_with_its_words(account):
    def step(job: Job) -> Step:
        jobbing.step(job)
        raise Invalid("This file holds no rows.")

    jobbing.register(step)
    job = make(account)
    jobs.run()
    job.refresh_from_db()
    assert (job.state, job.problem, job.files.count()) == ("failed", "This file holds no rows.", 0)


def test_a_job_of_a_kind_nobody_knows_fails(account):
    job = make(account)
    Job.objects.update(kind="gone")
    jobs.run()
    job.refresh_from_db()
    assert (job.state, job.problem) == ("failed", "No worker knows this kind of job.")
    with pytest.raises(ValueError, match="no kind of job is called gone"):
        make(account, kind="gone")


def test_cancelling_takes_back_the_step_under_way(account, alice):
    def step(job: Job) -> Step:
        done = jobbing.step(job)
        if job.place:
            jobs.cancel(job=job, actor=alice.actor)
        return done

    jobbing.register(step)
    job = make(account)
    jobs.run()
    job.refresh_from_db()
    # The cancelling of this test was in the step's own transaction, and so was taken back with it.
    assert (job.state, job.done, noted(job)) == ("running", 2, "0 1 ")
    jobs.cancel(job=job, actor=alice.actor)
    job.refresh_from_db()
    assert (job.state, job.problem) == ("cancelled", "Cancelled by Alice.")
    due_again()
    assert jobs.run() == 0
    with pytest.raises(Refused):
        jobs.cancel(job=job, actor=alice.actor)


@pytest.mark.django_db(transaction=True)
def test_a_worker_whose_lease_was_taken_over_commits_nothing():
    account = Account.objects.create(name="A")
    job = make(account)
    first = jobs._claim()
    due_again()
    second = jobs._claim()
    assert first is not None
    assert second is not None
    jobs._take(second)
    jobs._take(first)
    job.refresh_from_db()
    assert (job.done, noted(job)) == (2, "0 1 ")


@pytest.mark.django_db(transaction=True)
def test_four_workers_do_every_row_once():
    account = Account.objects.create(name="A")
    made = [make(account, rows=9) for _ in range(3)]
    at_once(4, lambda _: jobs.run(seconds=20))
    for job in made:
        job.refresh_from_db()
        assert (job.state, noted(job)) == ("done", "0 1 2 3 4 5 6 7 8 ")


def test_a_draft_waits_until_it_is_started_and_starts_once(account):
    job = make(account, draft=True)
    assert (jobs.run(), job.state) == (0, "draft")
    jobs.start(job=job, options={"rows": 1})
    with pytest.raises(Conflict):
        jobs.start(job=job, options={})
    jobs.run()
    job.refresh_from_db()
    assert (job.state, noted(job)) == ("done", "0 ")


def test_an_account_has_so_many_jobs_at_once(account, other_account, monkeypatch):
    monkeypatch.setattr(jobs, "OPEN_AT_ONCE", 2)
    make(account), make(account)
    with pytest.raises(LimitReached):
        make(account)
    assert make(other_account).state == "waiting"


def test_an_account_has_so_many_drafts_at_once(account, other_account, monkeypatch):
    monkeypatch.setattr(jobs, "DRAFTS_AT_ONCE", 2)
    make(account, draft=True), make(account, draft=True)
    with pytest.raises(LimitReached, match="2 jobs wait to be started"):
        make(account, draft=True)
    assert (make(account).state, make(other_account, draft=True).state) == ("waiting", "draft")


def test_a_deleted_accounts_jobs_rest_and_are_no_lag(account):
    make(account)
    Account.objects.update(deleted_at=timezone.now())
    due_again()
    assert (jobs.run(), jobs.lag().due, jobs.lag().oldest_seconds) == (0, 0, 0.0)


def test_what_came_in_is_gone_when_the_job_is_over(account):
    job = make(account)
    job_files.write(job=job, role="input", name="in", content_type="text/plain", pieces=[b"a", b"b"])
    assert (job_files.piece(job=job, role="input", seq=1), job_files.piece(job=job, role="input", seq=2)) == (
        b"b",
        None,
    )
    jobs.run()
    assert [file.role for file in job.files.all()] == ["result"]


def test_a_file_has_a_largest_size(account, monkeypatch):
    monkeypatch.setattr(job_files, "LARGEST", 3)
    job = make(account)
    given = {"job": job, "role": "result", "name": "x", "content_type": "text/plain"}
    job_files.append(**given, data=b"ab")
    with pytest.raises(Refused):
        job_files.append(**given, data=b"cd")
    with pytest.raises(NotFound):
        job_files.of(job=job, role="errors")


def test_files_go_after_a_week_and_jobs_after_a_season(account):
    job, draft = make(account), make(account, draft=True)
    jobs.run()
    for model, values in ((Job, {"expires_at": timezone.now() - timedelta(minutes=1)}),):
        model.objects.update(**values)
    assert jobs.forget_old() == 2
    assert (JobFile.objects.count(), JobPiece.objects.count()) == (0, 0)
    assert [row.pk for row in Job.objects.all()] == [job.pk]
    assert not Job.objects.filter(pk=draft.pk).exists()
    Job.objects.update(finished_at=timezone.now() - timedelta(days=91))
    forget_old_jobs()
    assert Job.objects.count() == 0


def test_a_job_that_says_where_people_agreed_stays_without_its_files(account):
    job, plain = make(account), make(account)
    Job.objects.filter(pk=job.pk).update(options={**job.options, "consent": "Signed up at the front desk"})
    jobs.run()
    long_ago = timezone.now() - timedelta(days=4000)
    Job.objects.update(finished_at=long_ago, expires_at=long_ago)
    assert jobs.forget_old() == 3
    assert [(row.pk, row.options["consent"]) for row in Job.objects.all()] == [(job.pk, "Signed up at the front desk")]
    assert (JobFile.objects.count(), Job.objects.filter(pk=plain.pk).exists()) == (0, False)


@pytest.mark.django_db(transaction=True)
def test_a_draft_that_is_started_while_old_ones_are_forgotten_keeps_its_rows():
    job = make(Account.objects.create(name="A"), draft=True)
    job_files.write(job=job, role="input", name="in", content_type="text/plain", pieces=[b"a"])
    Job.objects.update(expires_at=timezone.now() - timedelta(minutes=1))
    starting = Event()

    def run(number: int) -> None:
        if number:
            assert starting.wait(10)
            jobs.forget_old()
            return
        with transaction.atomic():
            jobs.start(job=job, options={})
            starting.set()
            sleep(0.5)

    assert at_once(2, run) == [None, None]
    job.refresh_from_db()
    assert (job.state, job_files.piece(job=job, role="input", seq=0)) == ("waiting", b"a")


def test_how_far_the_queue_is_behind(account):
    assert (jobs.lag().due, jobs.lag().oldest_seconds) == (0, 0.0)
    make(account)
    Job.objects.update(next_at=timezone.now() - timedelta(seconds=90))
    assert (jobs.lag().due, round(jobs.lag().oldest_seconds)) == (1, 90)


def test_whoever_asked_is_who_acts(account, alice):
    job = make(account, actor=alice.actor)
    assert jobs.asker(job) == alice.actor
    assert jobs.asker(make(account)) == actors.Actor("system", "", "FeedbackHub")


@pytest.mark.parametrize(
    ("values", "name"),
    [
        ({"state": "done"}, "job_finished_iff_over"),
        ({"finished_at": timezone.now()}, "job_finished_iff_over"),
        ({"state": "lost"}, "job_(state_known|finished_iff_over)"),
    ],
)
def test_constraints_of_jobs(account, values, name):
    job = make(account)
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        Job.objects.filter(pk=job.pk).update(**values)


def test_constraints_of_files(account):
    job = make(account)
    file = job_files.append(job=job, role="result", name="x", content_type="text/plain", data=b"a")
    with pytest.raises(IntegrityError, match="job_file_once"), transaction.atomic():
        JobFile.objects.create(job=job, role="result", name="x", content_type="x")
    with pytest.raises(IntegrityError, match="job_piece_once"), transaction.atomic():
        JobPiece.objects.create(file=file, seq=0, data=b"")
    with pytest.raises(IntegrityError, match="job_file_role_known"), transaction.atomic():
        JobFile.objects.create(job=job, role="other", name="x", content_type="x")
    assert connection.in_atomic_block
