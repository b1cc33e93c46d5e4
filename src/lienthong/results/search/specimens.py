"""The specimens of reports that came as something else than a FHIR resource: one of each report that names any."""

from __future__ import annotations

from lienthong.results.search import texts
from lienthong.results.search.branches import NO, YES, Branch, Part, instant_within
from lienthong.results.search.conditions import Condition, HasCode, Named
from lienthong.results.search.reports import OF_IMAGING, numbers_of
from lienthong.results.search.visible import of_reports


def _named(condition: Condition) -> Part:
    wanted = numbers_of([*condition.ids]) if isinstance(condition, Named) else []
    return Part("p.id = ANY(%s)", (wanted,))


def _type(condition: Condition) -> Part:
    """The kind of a specimen is a text of its sender, without a code system."""
    if not isinstance(condition, HasCode):
        return NO
    wanted = [code for system, code in condition.codes if not system]
    return Part("(p.specimen = ANY(%s)) <> %s", (wanted, condition.is_negated))


OWN = Branch(
    tables="results_report p",
    holds=f"p.resource_id IS NULL AND (p.specimen <> '' OR p.collected_at IS NOT NULL) AND NOT {OF_IMAGING}",
    id="p.id::text",
    record="p.patient_record_id",
    visible=lambda reach: of_reports(reach, "p.id"),
    changed="p.inbox_id",
    date="coalesce((extract(epoch FROM p.collected_at) * 1000000)::bigint, 0)",
    has={**dict.fromkeys(("_id", "patient", "subject"), YES), "type": Part("(p.specimen <> '')")},
    rows=(("p", "{}"),),
    asks={
        "_id": _named,
        "collected": lambda one: instant_within("p.collected_at", one),
        "type": _type,
        "type:text": lambda one: texts.named(one, "p.specimen"),
    },
)
