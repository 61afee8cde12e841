"""The files of jobs, in pieces: written as they come, read as they are sent."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from accounts.models import Job, JobFile, JobPiece
from feedbackhub.errors import NotFound, Refused

Role = JobFile.Role
# A piece is what fits into memory many times over; a file is what the database should not choke on.
PIECE = 1024 * 1024
LARGEST = 200 * 1024 * 1024


def append(*, job: Job, role: str, name: str, content_type: str, data: bytes) -> JobFile:
    """Add a piece to a file, which is made when it is not there. Refused beyond LARGEST."""
    file, _ = JobFile.objects.get_or_create(job=job, role=role, defaults={"name": name, "content_type": content_type})
    if file.size + len(data) > LARGEST:
        raise Refused(f"A file of a job holds at most {LARGEST // 1024 // 1024} MB. Ask for fewer rows.")
    JobPiece.objects.create(file=file, seq=file.pieces, data=data)
    file.size += len(data)
    file.pieces += 1
    file.save(update_fields=["size", "pieces"])
    return file


def write(*, job: Job, role: str, name: str, content_type: str, pieces: Iterable[bytes]) -> JobFile:
    """A whole file, in place of any that was there."""
    JobFile.objects.filter(job=job, role=role).delete()
    file = JobFile.objects.create(job=job, role=role, name=name, content_type=content_type)
    for data in pieces:
        file = append(job=job, role=role, name=name, content_type=content_type, data=data)
    return file


def piece(*, job: Job, role: str, seq: int) -> bytes | None:
    """One piece; None behind the last."""
    found = JobPiece.objects.filter(file__job=job, file__role=role, seq=seq).values_list("data", flat=True).first()
    return None if found is None else bytes(found)


def of(*, job: Job, role: str) -> JobFile:
    try:
        return JobFile.objects.get(job=job, role=role)
    except JobFile.DoesNotExist:
        raise NotFound("No such file.") from None


def read(*, file: JobFile) -> Iterator[bytes]:
    """Piece by piece, a query each: a file is never in memory whole."""
    for seq in range(file.pieces):
        yield bytes(JobPiece.objects.values_list("data", flat=True).get(file=file, seq=seq))
