"""Customers from a file: guessed columns, a preview, and rows taken in once each."""

from __future__ import annotations

import io
from typing import Any

import pytest

from accounts.domain import job_files, jobs
from accounts.models import Job
from campaigns.models import Enrolment
from crm.domain import customers, identities, suppressions
from crm.domain.importing import columns, drafts
from crm.models import Customer, Identity, Location
from feedbackhub.errors import Conflict, Invalid
from feedbackhub.tables import reading
from tests.campaigns.campaigning import running

CONSENT = "Ticked on the paper form"


@pytest.fixture
def square(account):
    return Location.objects.create(account=account, name="Square", country_code="AT")


def draft(alice: Any, text: str) -> Job:
    data = text.encode()
    return drafts.draft(
        account=alice.account, file=io.BytesIO(data), size=len(data), name="people.csv", actor=alice.actor
    )


def taken(alice: Any, text: str, mapping: list[str] | None = None, **more: Any) -> Job:
    """The job after it ran."""
    job = draft(alice, text)
    chosen = {"existing": "update", "country": "AT", "consent": CONSENT, "enter": False} | more
    drafts.start(job=job, mapping=mapping or columns.guess(job.options["headers"]), **chosen)
    jobs.run(seconds=30)
    job.refresh_from_db()
    return job


def errors_of(job: Job) -> list[list[str]]:
    file = job_files.of(job=job, role="errors")
    data = b"".join(job_files.read(file=file))
    table = reading.read(io.BytesIO(data), size=len(data))
    return [table.headers, *(row.cells for row in table.rows)]


def test_headers_are_guessed():
    headers = ["E-Mail", "Vorname", "Last Name", "Handy", "Store", "Shoe size", "", "email address"]
    assert columns.guess(headers) == [
        "email",
        "fname",
        "sname",
        "mobile_number",
        "location",
        "property",
        "",
        "property",
    ]


def test_a_mapping_has_to_tell_who_is_who():
    assert "nobody can be told apart" in columns.problem(["fname"])
    assert columns.problem(["email", "email"]) == "Two columns are “E-mail”. Choose one."
    assert columns.problem(["email", "property", "property", ""]) == ""


def test_people_are_added_with_all_that_the_row_says(account, alice, square):
    text = "email,name,phone,location,company,id,size,country\n"
    text += "Mia@Example.org,Mia Maria Berg,0660 123 45 67,square,Acme,42,38,at\n"
    job = taken(alice, text)
    assert (job.state, job.done, job.counts) == ("done", 1, {"added": 1})
    mia = Customer.objects.get()
    assert (mia.email, mia.mobile_number, mia.fname, mia.sname) == (
        "Mia@example.org",
        "+436601234567",
        "Mia Maria",
        "Berg",
    )
    assert (mia.company.name, mia.country_code, mia.properties) == ("Acme", "AT", {"size": "38"})
    assert list(mia.locations.all()) == [square]
    assert identities.find(account=account, kind=Identity.OWN, value="42") == mia
    assert job.options["consent"] == CONSENT


def test_who_is_known_is_updated_and_blank_cells_change_nothing(account, alice):
    Customer.objects.create(account=account, email="mia@example.org", fname="Mia", sname="Berg", properties={"a": "1"})
    job = taken(alice, "email,first name,last name,b\nMIA@example.org,,Bergmann,2\n")
    mia = Customer.objects.get()
    assert (mia.fname, mia.sname, mia.properties, job.counts) == (
        "Mia",
        "Bergmann",
        {"a": "1", "b": "2"},
        {"updated": 1},
    )


@pytest.mark.parametrize(
    ("existing", "names", "counts"),
    [
        ("update", ["New", "Tom"], {"added": 1, "updated": 1}),
        ("skip", ["Mia", "Tom"], {"added": 1, "left as they were": 1}),
        ("only_update", ["New"], {"updated": 1, "left as they were": 1}),
    ],
)
def test_what_happens_to_who_is_known(account, alice, existing, names, counts):
    Customer.objects.create(account=account, email="mia@example.org", fname="Mia")
    job = taken(alice, "email,first name\nmia@example.org,New\ntom@example.org,Tom\n", existing=existing)
    assert sorted(Customer.objects.values_list("fname", flat=True)) == names
    assert job.counts == counts


def test_no_opt_out_is_taken_back_and_each_one_is_taken_in(account, alice):
    mia = Customer.objects.create(account=account, email="mia@example.org")
    tom = Customer.objects.create(account=account, email="tom@example.org")
    customers.update(customer=mia, fields={"opt_out": True}, actor=alice.actor)
    taken(alice, "email,opt out\nmia@example.org,no\ntom@example.org,yes\n", existing="skip")
    assert (suppressions.is_opted_out(mia), suppressions.is_opted_out(tom)) == (True, True)


def test_rows_that_cannot_be_taken_are_told_and_keep_nobody_else_back(account, alice):
    Customer.objects.create(account=account, email="a@example.org")
    Customer.objects.create(account=account, mobile_number="+436601234567")
    text = "email,phone,location\nnonsense,,\nfine@example.org,,\na@example.org,+436601234567,\n"
    text += "b@example.org,,=Nowhere\n,,\n"
    job = taken(alice, text)
    assert job.counts == {"added": 1, "not taken": 3}
    lines = errors_of(job)
    assert lines[0] == ["Row", "Field", "Reason", "email", "phone", "location"]
    assert [(line[0], line[1]) for line in lines[1:]] == [
        ("2", "E-mail"),
        ("4", "Mobile number"),
        ("5", "Location (name or id)"),
    ]
    # What came as a formula does not go back as one.
    assert lines[3][5] == "'=Nowhere"
    assert Customer.objects.filter(email="fine@example.org").exists()


def test_an_own_id_finds_its_person_and_never_a_second_one(account, alice):
    mia = Customer.objects.create(account=account, email="old@example.org")
    Customer.objects.create(account=account, email="tom@example.org")
    identities.give(account=account, customer=mia, value="42")
    job = taken(alice, "id,email\n42,new@example.org\n42,tom@example.org\n99,\n")
    mia.refresh_from_db()
    assert (mia.email, job.counts) == ("new@example.org", {"updated": 1, "not taken": 2})
    assert "Merge them first" in errors_of(job)[1][2]


def test_one_that_is_in_the_file_twice_is_one(account, alice):
    job = taken(alice, "email,first name\nmia@example.org,Mia\nMIA@example.org,Maria\n")
    assert (Customer.objects.get().fname, job.counts) == ("Maria", {"added": 1, "updated": 1})


def test_a_worker_that_dies_takes_nobody_in_twice(account, alice, monkeypatch):
    monkeypatch.setattr(drafts, "PIECE", 2)
    job = draft(alice, "email\n" + "".join(f"p{n}@example.org\n" for n in range(5)))
    drafts.start(job=job, mapping=["email"], existing="update", country="", consent=CONSENT, enter=False)
    real, calls = jobs._advance, []

    def dies_once(job: Job, step: Any) -> None:
        calls.append(step)
        if len(calls) == 2:
            raise RuntimeError("killed")
        real(job, step)

    monkeypatch.setattr(jobs, "_advance", dies_once)
    jobs.run(seconds=30)
    assert Customer.objects.count() == 2
    Job.objects.update(next_at=job.created_at)
    jobs.run(seconds=30)
    job.refresh_from_db()
    assert (job.counts, Customer.objects.count()) == ({"added": 5}, 5)


def test_nobody_enters_a_campaign_unless_that_is_chosen(account, alice):
    running(account)
    text = "email,location\n{}@example.org,Main Street\n"
    taken(alice, text.format("a"))
    assert Enrolment.objects.count() == 0
    taken(alice, text.format("b"), enter=True)
    assert Enrolment.objects.get().customer.email == "b@example.org"


def test_the_preview_says_what_would_not_be_taken(alice, square):
    job = draft(alice, "email,location\nmia@example.org,Square\nx,\n,Square\n")
    looked = drafts.preview(job=job, mapping=["email", "location"], country="")
    assert [(row.number, row.field) for row in looked] == [(2, ""), (3, "E-mail"), (4, "E-mail")]
    assert Customer.objects.count() == 0


def test_what_has_to_be_said_before_it_begins(alice):
    job = draft(alice, "email\nmia@example.org\n")
    chosen = {"mapping": ["email"], "existing": "update", "country": "", "consent": CONSENT, "enter": False}
    for wrong in ({"mapping": [""]}, {"existing": "?"}, {"consent": "yes"}):
        with pytest.raises(Invalid):
            drafts.start(job=job, **(chosen | wrong))
    drafts.start(job=job, **chosen)
    with pytest.raises(Conflict):
        drafts.start(job=job, **chosen)
    with pytest.raises(Invalid, match="no rows"):
        draft(alice, "email\n")
