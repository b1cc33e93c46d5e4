"""Orders that came as something else than a FHIR resource, as ServiceRequests: the current version of each."""

from __future__ import annotations

from lienthong.results.search import codes, texts
from lienthong.results.search.branches import NO, YES, Branch, Part, any_of, instant_within
from lienthong.results.search.conditions import Condition, HasCode, Named
from lienthong.results.search.reports import numbers_of
from lienthong.results.search.visible import of_orders


def _named(condition: Condition) -> Part:
    wanted = numbers_of([*condition.ids]) if isinstance(condition, Named) else []
    return Part("p.id = ANY(%s)", (wanted,))


def _code(condition: Condition) -> Part:
    if not isinstance(condition, HasCode):
        return NO
    parts = [
        Part("v.service_code = %s", (code,))
        if system is None
        else Part("(%s IN ('', v.service_code) AND v.service_system = %s)", (code, system))
        for system, code in condition.codes
    ]
    return codes.signed(condition, any_of(parts))


OWN = Branch(
    tables="results_order p JOIN results_orderversion v ON v.order_id = p.id AND v.is_current",
    holds="NOT EXISTS (SELECT 1 FROM results_resource r WHERE r.kind = 'ServiceRequest' AND r.inbox_id = v.inbox_id)",
    id="p.id::text",
    record="p.patient_record_id",
    visible=lambda reach: of_orders(reach, "p.id"),
    is_of_record=False,
    changed="(floor(extract(epoch FROM v.recorded_at) * 1000)::bigint << 22)",
    date="coalesce((extract(epoch FROM v.requested_at) * 1000000)::bigint, 0)",
    has={
        **dict.fromkeys(("_id", "identifier", "patient", "status", "subject"), YES),
        "code": Part("(v.service_code <> '')"),
    },
    rows=(("p", "{}"), ("v", "{}")),
    asks={
        "_id": _named,
        "authored": lambda one: instant_within("v.requested_at", one),
        "code": _code,
        "code:text": lambda one: texts.named(one, "v.service"),
        "identifier": lambda one: (
            codes.identifier(one, "p.placer_number", system_of="'urn:lienthong:orders:' || p.source")
            if isinstance(one, HasCode)
            else NO
        ),
        "status": lambda one: (
            codes.state(one, "v.status", system=codes.REQUEST_STATUS, states=codes.ORDER_STATES)
            if isinstance(one, HasCode)
            else NO
        ),
    },
)
