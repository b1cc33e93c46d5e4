"""What a message says before it is stored: reports, results, results that must wait, and what became of it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from lienthong.errors import Conflict
from lienthong.findings import Finding

Marks = tuple[dict[str, object], ...]


@dataclass(slots=True, kw_only=True)
class ResultDraft:
    """One result of a message, coded and in the analyte's unit; the marks are given to it when a batch is read.

    `sub_id`, `specimen` and `observed_at` (OBX-4, SPM, OBX-14) tell equals apart. `amends` says that the sender means
    an earlier result, whether that was received or not (OBX-11 C, D, W, X; OBR-25 C, X). `comment` has a line for each
    note of the laboratory, in order; of a stored version it is None where comments were not kept yet. `resource_id` is
    the FHIR resource that it came as.

    `filled_in` names, parted by blanks, what the message did not tell: status, method, loinc, reference_range from the
    registry, and collected_at where the time of the order stands for it.
    """

    code_system: str
    local_code: str
    local_name: str
    sub_id: str
    specimen: str
    procedure_id: int | None
    analyte_id: int
    status: str
    reported_value: str
    reported_unit: str
    comparator: str
    value: Decimal | None
    outcome: str
    reference_range: str
    reference_low: Decimal | None
    reference_high: Decimal | None
    flags: str
    collected_at: dt.datetime | None
    measured_at: dt.datetime | None
    released_at: dt.datetime | None
    observed_at: dt.datetime | None = None
    comment: str | None = ""
    amends: bool = False
    resource_id: UUID | None = None
    filled_in: str = ""
    marks: Marks = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentDraft:
    """What comes with a report: a file at a place of the message, a pointer to one elsewhere, or a study's number.

    `key` names it through its versions; `digest` is of its content, and empty where it is withdrawn.
    """

    key: str
    place: str
    title: str
    kind: str
    digest: str
    media_type: str = ""
    size: int = 0
    pointer: str = ""
    study_uid: str = ""
    is_withdrawn: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportDraft:
    """A report as a message gives it, with its results coded. `is_cancelled`: none of its results stands any more.

    `comment` has a line for each note on the report, its specimens and its patient, in order. `written_at` is when the
    message was written, where its sender tells.
    """

    source: str
    facility_id: int
    number: str
    placer_number: str = ""
    service: str = ""
    requester: str = ""
    specimen: str = ""
    status: str
    collected_at: dt.datetime | None = None
    received_at: dt.datetime | None = None
    released_at: dt.datetime | None = None
    written_at: dt.datetime | None = None
    comment: str = ""
    results: tuple[ResultDraft, ...] = ()
    is_cancelled: bool = False
    documents: tuple[DocumentDraft, ...] = ()

    @property
    def says_something(self) -> bool:
        """Whether there is anything to store of it."""
        return bool(self.results or self.documents or self.is_cancelled)


@dataclass(frozen=True, slots=True)
class ReportClaim:
    """A report of a message for the patient record that the message names.

    `is_affirmed`: a person found out that what the message says holds now, though an earlier version said the same.
    """

    draft: ReportDraft
    patient_record_id: int
    inbox_id: int
    is_affirmed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """What a report did to the results: ids of new and of changed ones, how many stayed or came too late.

    `corrected` are those of the changed that replaced a final result; `unfounded` counts corrections and withdrawals of
    results that were never received, `joined` the originals that came after their corrections. `is_commented`: the
    comment on the report changed. `documents` counts new or changed files, pointers and study numbers.
    """

    new: tuple[int, ...] = ()
    changed: tuple[int, ...] = ()
    corrected: tuple[int, ...] = ()
    joined: tuple[int, ...] = ()
    unchanged: int = 0
    overtaken: int = 0
    unfounded: int = 0
    is_commented: bool = False
    documents: int = 0

    @property
    def written(self) -> int:
        return len(self.new) + len(self.changed) + len(self.joined)


@dataclass(frozen=True, slots=True)
class StoredReport:
    report_id: int
    results: Stored


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldDraft:
    """A result that waits for a mapping; `asked_on` is the day for which the mapping must hold."""

    position: str
    local_code: str
    local_system: str = ""
    local_name: str = ""
    loinc: str = ""
    unit: str = ""
    specimen: str = ""
    number: Decimal | None = None
    asked_on: dt.date
    reason: str


@dataclass(frozen=True, slots=True)
class HeldOfMessage:
    """The results of a message that wait; those that waited before and are not among them wait no longer."""

    inbox_id: int
    source: str
    results: tuple[HeldDraft, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of a claimed message; `source` where the sender was not known before."""

    inbox_id: int
    source: str = ""
    state: str
    reason: str = ""
    findings: tuple[Finding, ...] = ()
    results_stored: int = 0
    results_held: int = 0


class ReportsInDoubt(Conflict):
    """Raised where a person must decide about reports; `inbox_ids` are the messages that bring them."""

    def __init__(self, message: str, inbox_ids: tuple[int, ...] = ()) -> None:
        super().__init__(message)
        self.inbox_ids = inbox_ids


class ReportOfAnotherPatient(ReportsInDoubt):
    """Raised where reports carry the numbers of other patients' reports."""

    code = "report-of-another-patient"


class ChangedBack(ReportsInDoubt):
    """Raised where results say again what was replaced since: changed back, or old messages that were sent again."""

    code = "changed-back"
