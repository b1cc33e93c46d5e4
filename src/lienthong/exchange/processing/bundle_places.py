"""What was found in a Bundle names its elements: findings are of the message into which it is written to be read."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from lienthong.exchange.processing.bundles import completed
from lienthong.findings import Finding
from lienthong.interop.fhir import Element, Origin, Origins, from_bundle, loads
from lienthong.results.actions import Outcome, Waiting

_SEGMENTS = "MSH|EVN|PID|PD1|NK1|MRG|PV1|PV2|AL1|DG1|ORC|OBR|OBX|SPM"
_NAMED = re.compile(rf"\b(?:{_SEGMENTS})(?:\(\d+\))?(?:-\d+(?:\.\d+)*(?:\[\d+\])?)?(?![\w-])", re.ASCII)
# A specimen's kind that is told of one result.
_SPECIMEN_OF = re.compile(r"SPM-4 \((OBX\(\d+\))\)", re.ASCII)

NO_PATIENT = "A reference must name the patient: one of this Bundle, or one that this sender has sent before."


def in_elements(outcome: Outcome, one: Waiting) -> Outcome:
    """Return what became of a Bundle with its findings at paths of FHIR: `Bundle.entry[2].resource.code`.

    Of a Bundle of one entry, which a resource written alone is, they are those of the resource: `Observation.code`.
    """
    told = loads(one.raw) if outcome.findings else None
    if not isinstance(told, dict):
        return outcome
    whole, places = completed(told, one.source)
    reader = _Reader(from_bundle(whole).origins, places, alone=_kind_of_alone(told), patient=_patient_named(told))
    return replace(outcome, findings=tuple(map(reader.told, outcome.findings)))


def _kind_of_alone(bundle: Element) -> str:
    """Return the type of the only resource of a Bundle; empty where it has several."""
    entries = bundle.get("entry")
    only = entries[0] if isinstance(entries, list) and len(entries) == 1 else {}
    resource = only.get("resource") if isinstance(only, dict) else {}
    return str(resource.get("resourceType", "")) if isinstance(resource, dict) else ""


def _patient_named(bundle: Element) -> str:
    """Return the element that names a patient first: what is said of a patient whom nothing holds is said of it."""
    entries = bundle.get("entry")
    for at, entry in enumerate(entries if isinstance(entries, list) else ()):
        resource = entry.get("resource") if isinstance(entry, dict) else None
        for name in ("subject", "patient"):
            if isinstance(resource, dict) and name in resource:
                return f"entry[{at}].resource.{name}"
    return ""


class _Reader:
    def __init__(self, origins: Origins, places: Sequence[str], *, alone: str, patient: str) -> None:
        self._origins, self._places, self._alone, self._patient = origins, places, alone, patient

    def told(self, finding: Finding) -> Finding:
        """Return a finding at its element; places in the sentence are named by type and element."""
        if (finding.code, finding.where) == ("segment-missing", "PID"):
            finding = replace(finding, message=NO_PATIENT)
        said = _NAMED.sub(lambda match: str(self._origins.find(match[0]) or match[0]), finding.message)
        origin = self._origins.find(_SPECIMEN_OF.sub(r"\1-33", finding.where))
        return replace(finding, where=self._path(origin) if origin else finding.where, message=said)

    def _path(self, origin: Origin) -> str:
        place = self._places[origin.entry] if origin.entry >= 0 else self._patient if origin.kind == "Patient" else ""
        if not place:
            return f"{self._alone}.subject" if self._alone and origin.kind == "Patient" else str(origin)
        is_named_only = not place.endswith(".resource")
        root = place.replace("entry[0].resource", self._alone) if self._alone else f"Bundle.{place}"
        return f"{root}.{origin.path}" if origin.path and not is_named_only else root
