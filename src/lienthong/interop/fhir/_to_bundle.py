"""From a parsed HL7 v2 message to a FHIR R4 Bundle, segment by segment."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Literal

from lienthong.findings import Finding
from lienthong.interop.fhir._bundle import Build
from lienthong.interop.fhir._groups import Groups
from lienthong.interop.fhir._header import bundle, conversion_provenance, message_header, source_provenance
from lienthong.interop.fhir._issues import issue_of
from lienthong.interop.fhir._json import Element
from lienthong.interop.fhir._outcome import operation_outcome
from lienthong.interop.fhir._parts import code_of, value_of
from lienthong.interop.fhir._times import Clock
from lienthong.interop.hl7v2 import Message, read_instant

BundleType = Literal["message", "transaction", "collection"]

# Segments that are read, or that carry nothing FHIR has a place for (sequence, timing of the transport).
_SILENT = frozenset(("MSH", "FHS", "BHS", "BTS", "FTS", "EVN", "SFT", "DSC", "UAC"))


@dataclass(frozen=True, slots=True)
class Converted:
    """A Bundle, and what was found on the way: what could not be read is in the Bundle as it was sent."""

    bundle: Element
    findings: tuple[Finding, ...]


def to_bundle(
    message: Message,
    *,
    zone: tzinfo | None = None,
    bundle_type: BundleType = "message",
    findings: tuple[Finding, ...] = (),
    converted_at: datetime | None = None,
) -> Converted:
    """Convert a message to a FHIR R4 Bundle by HL7's v2-to-FHIR guide (hl7.org/fhir/uv/v2mappings).

    `zone` is for times without an offset where MSH-7 has none either; `findings` are those of the parser. With
    `converted_at` the Bundle tells of the conversion (Provenance), else equal messages give equal Bundles. A message
    that was parsed never makes it raise.
    """
    msh = message.segments[0]
    build = Build(
        sender=msh.sent(4) or msh.sent(3),
        clock=Clock(_offset(value_of(msh, 7)), zone),
        control_id=msh.sent(10),
        is_control=code_of(msh, 11) == "Q",
    )
    build.findings.extend(findings)
    header = message_header(msh, build)
    held, build.resources = build.resources, {}
    reference = build.add(header, msh.sent(10), msh.sent(7))  # the header is a message's first entry
    build.resources.update(held)
    build.add(source_provenance(msh, build, reference), msh.sent(10), msh.sent(7))
    if converted_at:
        build.add(conversion_provenance(build, reference, converted_at), msh.sent(10), "conversion")
    groups = Groups(build, code_of(msh, 9, 1))
    _walk(message, groups, build)
    if focus := groups.finish():
        header["focus"] = focus
    if build.findings and bundle_type != "transaction":
        build.add(
            operation_outcome(issue_of(finding, "warning") for finding in build.findings), msh.sent(10), "outcome"
        )
    return Converted(bundle(msh, build, bundle_type), tuple(build.findings))


def _walk(message: Message, groups: Groups, build: Build) -> None:
    left_out: set[str] = set()
    for segment in message.segments[1:]:
        if not groups.take(segment) and segment.name not in _SILENT:
            left_out.add(segment.name)
    for name in sorted(left_out):
        build.report(
            name, "not-mapped", f"{name} has no place in the Bundle; see docs/v2-to-fhir.md for what is mapped."
        )


def _offset(sent: str) -> str:
    moment = read_instant(sent) if sent else None
    if moment and moment.value and moment.value.tzinfo and moment.has_time:
        return moment.text[-5:]
    return ""
