"""Results (XML4) with the services that they belong to (XML3), as orders.

The tables share MA_LK and MA_DICH_VU, and nothing else that is certain. Where a service was ordered several times in a
stay, the row with the same NGAY_KQ is the one; else the earliest order that may be it, because the order's time stands
for the collection and must never be later than that.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from lienthong.findings import Finding
from lienthong.interop.hl7v2 import Instant
from lienthong.interop.vn_xml._rows import Service, ServiceResult, Stay


@dataclass(frozen=True, slots=True)
class JoinedResult:
    """A result and its service; `service` is None where none or several may be it."""

    result: ServiceResult
    service: Service | None = None

    @property
    def devices(self) -> tuple[str, ...]:
        return self.result.devices or (self.service.devices if self.service else ())


@dataclass(frozen=True, slots=True)
class ServiceOrder:
    """Results of a stay that were ordered at one time; `ordered_at` is None where no service tells when.

    `number` names the order through all exports of the stay.
    """

    number: str
    ordered_at: Instant | None
    results: tuple[JoinedResult, ...]


def join(stay: Stay) -> tuple[tuple[ServiceOrder, ...], tuple[Finding, ...]]:
    """Return the orders of a stay that have results, in the order of their first results."""
    services: dict[str, list[Service]] = defaultdict(list)
    for one in stay.services:
        services[one.service_code].append(one)
    findings: list[Finding] = []
    groups: dict[str, list[JoinedResult]] = defaultdict(list)
    times: dict[str, Instant | None] = {}
    for result in stay.results:
        service, ordered_at = _service_of(result, services[result.service_code], findings)
        number = _number(stay.link, result, ordered_at)
        groups[number].append(JoinedResult(result, service))
        times[number] = ordered_at
    orders = tuple(ServiceOrder(number, times[number], tuple(found)) for number, found in groups.items())
    return orders, tuple(findings)


def _service_of(
    result: ServiceResult, candidates: Sequence[Service], findings: list[Finding]
) -> tuple[Service | None, Instant | None]:
    """Return the service of a result, and when it was ordered."""
    place = f"{result.row.position}/MA_DICH_VU"
    if not candidates:
        findings.append(
            Finding(
                place,
                "service-unknown",
                f"{place} has no row in XML3; nothing tells when the specimen was taken, and the result is for "
                "reference.",
            )
        )
        return None, None
    possible = [one for one in candidates if not _is_after(one.ordered_at, result.result_at)]
    if not possible:
        told = "was ordered in XML3 after its result; the time of collection is taken as not known."
        findings.append(Finding(place, "order-after-result", f"{place} {told}"))
        return (candidates[0] if len(candidates) == 1 else None), None
    same = [one for one in possible if _text(one.result_at) and _text(one.result_at) == _text(result.result_at)]
    chosen = same or possible
    times = {_text(one.ordered_at) for one in chosen}
    if len(chosen) == 1:
        return chosen[0], chosen[0].ordered_at
    if len(times) > 1:
        told = "stands in several rows of XML3 that may be meant; the earliest NGAY_YL was taken."
        findings.append(Finding(place, "order-ambiguous", f"{place} {told}"))
    is_alike = len({(_text(one.ordered_at), one.devices) for one in chosen}) == 1
    known = [one.ordered_at for one in chosen if one.ordered_at]
    earliest = min(known, key=_text) if len(known) == len(chosen) else None
    return (chosen[0] if is_alike else None), earliest


def _is_after(one: Instant | None, other: Instant | None) -> bool:
    """Whether a time lies after another; of a bare day only the day is compared."""
    if one is None or other is None:
        return False
    shared = min(len(one.text), len(other.text))
    return one.text[:shared] > other.text[:shared]


def _text(instant: Instant | None) -> str:
    return instant.text if instant else ""


def _number(link: str, result: ServiceResult, ordered_at: Instant | None) -> str:
    """Name an order: by the stay and the time of the order, which no correction of a result changes.

    Without that time, the day of the result stands in for it.
    """
    if ordered_at:
        return f"{link}/{ordered_at.text}"
    return f"{link}/KQ{_text(result.result_at)[:8]}"
