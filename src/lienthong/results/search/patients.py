"""Patient records that came as something else than a FHIR resource, as Patients."""

from __future__ import annotations

from lienthong.results.identity import identifier_kind
from lienthong.results.search import codes, texts
from lienthong.results.search.branches import NO, YES, Branch, Part, any_of, bounded
from lienthong.results.search.conditions import Condition, HasCode, HasText, InTime, IsMissing, Named
from lienthong.results.search.reports import numbers_of
from lienthong.results.search.visible import of_patients

OWN_SYSTEM = "urn:lienthong:patients:"  # and the code of the sender, whose own numbers these are
SEXES = {"female": "F", "male": "M", "unknown": ""}
_OF_NUMBER = "SELECT record_id FROM results_patientidentifier WHERE value = %s AND standing = '' AND %s IN ('', system)"
_OF_LOCAL = "SELECT id FROM results_patientrecord WHERE local_id = %s"
# A Patient tells of the record's numbers and of the other records of the person, which are rows of their own.
_NUMBERS = "EXISTS (SELECT 1 FROM results_patientidentifier i WHERE i.record_id = p.id AND {})"
_SAME_PERSON = """EXISTS (
  SELECT 1 FROM results_personlink l JOIN results_personlink m ON m.person_id = l.person_id
  WHERE l.record_id = p.id AND {}
)"""


def _named(condition: Condition) -> Part:
    wanted = numbers_of([*condition.ids]) if isinstance(condition, Named) else []
    return Part("p.id = ANY(%s)", (wanted,))


def _identifier(condition: Condition) -> Part:
    """Ask for the records of all numbers at once: with OR between them no index would serve."""
    if not isinstance(condition, HasCode):
        return NO
    found = [part for system, code in condition.codes if code for part in _of_number(system, code)]
    if not found:
        return codes.signed(condition, NO)
    records = " UNION ALL ".join(one.sql for one in found)
    values = tuple(value for one in found for value in one.parameters)
    return codes.signed(condition, Part(f"p.id IN ({records})", values))


def _of_number(system: str | None, code: str) -> list[Part]:
    """Return statements that give the records with a number; without a system it may be a sender's own."""
    if system is not None and system.startswith(OWN_SYSTEM):
        return [Part(f"{_OF_LOCAL} AND source = %s", (code, system.removeprefix(OWN_SYSTEM)))]
    kind = "" if system is None else identifier_kind(system=system, type_code="")
    of_number = Part(_OF_NUMBER, (code, kind))
    return [of_number] if system is not None else [of_number, Part(_OF_LOCAL, (code,))]


def _name(condition: Condition) -> Part:
    """A name is one text here, since neither Vietnamese nor Chinese names are split: any of its words may begin it."""
    if not isinstance(condition, HasText):
        return NO
    return any_of([_one_name(condition, text) for text in condition.texts])


def _one_name(condition: HasText, text: str) -> Part:
    if condition.matching == "exact":
        return Part("p.full_name = %s", (text,))
    compared = texts.contains if condition.matching == "contains" else texts.starts
    return compared("p.name_key", text)


def _birth_date(condition: Condition) -> Part:
    """A birth date has no zone: the days of the span are compared."""
    if isinstance(condition, IsMissing):
        return Part("(p.birth_date IS NULL) = %s", (condition.is_missing,))
    if not isinstance(condition, InTime):
        return NO
    return any_of(
        [bounded("p.birth_date", one.comparison, one.start.date(), one.end.date()) for one in condition.spans]
    )


def _gender(condition: Condition) -> Part:
    if not isinstance(condition, HasCode):
        return NO
    wanted = [SEXES[code] for _system, code in condition.codes if code in SEXES]
    return codes.signed(condition, Part("p.sex = ANY(%s)", (wanted,)) if wanted else NO)


OWN = Branch(
    tables="results_patientrecord p",
    holds="NOT EXISTS (SELECT 1 FROM results_resource r WHERE r.patient_record_id = p.id AND r.kind = 'Patient')",
    id="p.id::text",
    record="p.id",
    visible=lambda reach: of_patients(reach, "p.id"),
    changed="(floor(extract(epoch FROM p.updated_at) * 1000)::bigint << 22)",
    date="coalesce((p.birth_date - DATE '1970-01-01') * 86400000000::bigint, 0)",
    has={
        **dict.fromkeys(("_id", "gender"), YES),
        **dict.fromkeys(("family", "given"), NO),  # a name is one text here
        "identifier": Part("EXISTS (SELECT 1 FROM results_patientidentifier i WHERE i.record_id = p.id)"),
        "name": Part("(p.full_name <> '')"),
    },
    rows=(("p", "{}"), ("i", _NUMBERS), ("m", _SAME_PERSON)),
    asks={
        "_id": _named,
        "birthdate": _birth_date,
        "family": _name,
        "gender": _gender,
        "given": _name,
        "identifier": _identifier,
        "name": _name,
    },
)
