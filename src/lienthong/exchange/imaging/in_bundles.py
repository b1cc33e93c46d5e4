"""What a DiagnosticReport holds beside its results, as observations of it: files, images, the study, the conclusion.

HL7 v2 has no other place for them than OBX: a file is ED, a pointer RP, the study's number an observation with the code
113014 of DICOM, the conclusion a line of the report. Each is named by where it stands in the report, so that the next
version of the report changes it, or takes it away.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from lienthong.exchange.imaging.documents import UID
from lienthong.exchange.imaging.examinations import SECTIONS
from lienthong.interop.fhir import Element

Resource = Mapping[str, object]
# Returns the resource that a reference or the address of a file names; empty where it is not in the Bundle.
Resolve = Callable[[str], Resource]

SECTION = "http://terminology.hl7.org/CodeSystem/v2-0074"
LOINC = "http://loinc.org"
# Categories of imaging in the code systems that FHIR's profiles of imaging reports take.
CATEGORIES = frozenset(
    (
        (LOINC, "LP29684-5"),  # Radiology
        ("http://snomed.info/sct", "363679005"),  # Imaging
        ("http://snomed.info/sct", "394914008"),  # Radiology
        *((SECTION, one) for one in SECTIONS),
    )
)
# A conclusion as a section of a report of imaging (LOINC 19005-8, impression).
IMPRESSION = {"coding": [{"system": LOINC, "code": "19005-8", "display": "Conclusion"}]}
DICOM_UID, STUDY = "urn:dicom:uid", "113014"
ATTACHMENT = "http://hl7.org/fhir/5.0/StructureDefinition/extension-Observation.valueAttachment"
SUB_ID = "http://hl7.org/fhir/StructureDefinition/observation-v2-subid"
# In the copy of a report in the inbox, once for each thing that an earlier version of it had and this one has not.
GONE = "urn:lienthong:fhir:gone"
_STATUS = {
    **{one: one for one in ("final", "corrected", "amended", "cancelled", "entered-in-error")},
    "appended": "amended",
}
_WADO, OF_ARCHIVE = "dicom-wado-rs", ".archive"


def is_of_imaging(report: Resource) -> bool:
    """Whether a DiagnosticReport says that it is of imaging: by its category, or by a study that it has."""
    return bool(_section(report)) or bool(_list(report.get("imagingStudy")))


def as_imaging(report: Element, resolve: Resolve) -> Element:
    """Return a report of imaging with the category that OBR-24 knows, and the time of its study where it has none."""
    if not is_of_imaging(report):
        return report
    code = _section(report) or "RAD"
    found = {**report, "category": [{"coding": [{"system": SECTION, "code": code}]}]}
    if not any(key.startswith("effective") for key in report):
        started = next((text for one in _studies(report, resolve) if (text := _text(one, "started"))), "")
        found |= {"effectiveDateTime": started} if started else {}
    return found


def beside(report: Resource, resolve: Resolve) -> list[Element]:
    """Return the observations that tell what a report holds beside its results, in the order of a report.

    The conclusion is one of them where the report is of imaging, or has no results: of a report of results it is a
    comment (`conclusion_of`).
    """
    found = [*_words(report), *_files(report, resolve), *_media(report, resolve), *_of_studies(report, resolve)]
    here = {sub_id for sub_id, _observation in found}
    gone = [_taken_away(one) for one in gone_of(report) if one not in here]
    every = [*(one for _sub_id, one in found), *gone]
    return [_of_report(one, number, report) for number, one in enumerate(every, start=1)]


def conclusion_of(report: Resource) -> str:
    """Return what a report concludes, in words; empty where it doesn't, or where it is one of its observations."""
    return "" if _concludes_as_result(report) else "\n".join(_conclusions(report))


def names_beside(report: Resource) -> list[str]:
    """Return the references `Kind/id` by which a report names what stands beside its results."""
    links = [_reference(one.get("link")) for one in _list(report.get("media"))]
    studies = [_reference(one) for one in _list(report.get("imagingStudy"))]
    return [one for one in (*links, *studies, *_addresses(_list(report.get("presentedForm")))) if _is_local(one)]


def lines_named(report: Resource) -> list[str]:
    """Return the references of a report of imaging to its results: all of them together are the examination."""
    results = [_reference(one) for one in _list(report.get("result"))] if is_of_imaging(report) else []
    return [one for one in results if _is_local(one)]


def lines_of(report: Resource) -> dict[str, str]:
    """Return for each result of a report of imaging the status of the report: it is one examination, and so has one."""
    return dict.fromkeys(lines_named(report), status_of(report))


def names_behind(resource: Resource) -> list[str]:
    """Return the references by which images and studies name their bytes and their archive."""
    if resource.get("resourceType") == "Media":
        return [one for one in _addresses(_list(resource.get("content"))) if _is_local(one)]
    if resource.get("resourceType") == "ImagingStudy":
        return [one for one in map(_reference, _endpoints(resource)) if _is_local(one)]
    return []


def named_beside(bundle: Resource) -> dict[str, list[str]]:
    """Return by the id of each DiagnosticReport of a Bundle what it names beside its results, and what that names."""
    resources = [_element(entry.get("resource")) for entry in _list(bundle.get("entry"))]
    by_path = {f"{one.get('resourceType')}/{one.get('id')}": one for one in resources}
    found: dict[str, list[str]] = {}
    for one in resources:
        if one.get("resourceType") == "DiagnosticReport" and (named := names_beside(one)):
            behind = [more for name in named if name in by_path for more in names_behind(by_path[name])]
            found[str(one.get("id"))] = list(dict.fromkeys((*named, *behind)))
    return found


def sub_ids(report: Resource) -> list[str]:
    """Return the names of what stands beside the results of a report, each by its place in the report."""
    found = [
        f"{key}.{number}"
        for key in ("presentedForm", "media", "imagingStudy")
        for number, _one in enumerate(_list(report.get(key)), start=1)
    ]
    return [*found, *(f"{one}{OF_ARCHIVE}" for one in found if one.startswith("imagingStudy"))]


def with_gone(report: Element, before: Resource) -> Element:
    """Return a report that names what an earlier version of it had and it has not, and what that one named so."""
    gone = sorted({*sub_ids(before), *gone_of(before)} - {*sub_ids(report)})
    if not gone:
        return report
    others = report.get("extension")
    told = [{"url": GONE, "valueString": one} for one in gone]
    return {**report, "extension": [*(others if isinstance(others, list) else []), *told]}


def gone_of(report: Resource) -> list[str]:
    """Return what the copy of a report in the inbox names as gone."""
    return [_text(one, "valueString") for one in _list(report.get("extension")) if one.get("url") == GONE]


def _words(report: Resource) -> Iterator[tuple[str, Element]]:
    if _concludes_as_result(report):
        code = IMPRESSION if is_of_imaging(report) else report.get("code")
        for number, text in enumerate(_conclusions(report), start=1):
            yield "", {"code": code, "valueString": text} | _named(f"conclusion.{number}")


def _concludes_as_result(report: Resource) -> bool:
    return is_of_imaging(report) or not _list(report.get("result"))


def _conclusions(report: Resource) -> list[str]:
    """Return the conclusion, and the words of its codes that it has not."""
    words = _text(report, "conclusion").strip()
    coded = [_words_of(one) for one in _list(report.get("conclusionCode"))]
    return [one for one in (words, *dict.fromkeys(one for one in coded if one not in words)) if one]


def _words_of(concept: Resource) -> str:
    displays = [text for one in _list(concept.get("coding")) if (text := _text(one, "display"))]
    return _text(concept, "text").strip() or next(iter(displays), "")


def _files(report: Resource, resolve: Resolve) -> Iterator[tuple[str, Element]]:
    for number, one in enumerate(_list(report.get("presentedForm")), start=1):
        yield from _file(f"presentedForm.{number}", one, _text(one, "title"), resolve)


def _media(report: Resource, resolve: Resolve) -> Iterator[tuple[str, Element]]:
    for number, one in enumerate(_list(report.get("media")), start=1):
        media = resolve(_reference(one.get("link")))
        content = _element(media.get("content"))
        if media.get("status") != "entered-in-error":
            title = _text(one, "comment") or _text(content, "title") or _words_of(_element(media.get("view")))
            yield from _file(f"media.{number}", content, title, resolve)


def _file(sub_id: str, attachment: Resource, title: str, resolve: Resolve) -> Iterator[tuple[str, Element]]:
    """Yield a file that is here, in a Binary or in the attachment itself, else a pointer to one that is elsewhere."""
    address = _text(attachment, "url")
    holder = resolve(address) if _is_local(address) and not attachment.get("data") else attachment
    kept = {key: holder[key] for key in ("contentType", "data") if holder.get(key)}
    if "data" not in kept and address and not _is_local(address):
        kept["url"] = address
    if "data" in kept or "url" in kept:
        yield sub_id, _attached(kept, title) | _named(sub_id)


def _attached(attachment: Element, title: str) -> Element:
    value = {"url": ATTACHMENT, "valueAttachment": attachment}
    return {"code": {"text": title.strip()}, "extension": [value]}


def _of_studies(report: Resource, resolve: Resolve) -> Iterator[tuple[str, Element]]:
    for number, one in enumerate(_list(report.get("imagingStudy")), start=1):
        study = resolve(_reference(one))
        uid = study_uid(study) or study_uid({"identifier": [one.get("identifier")]})
        if not uid or study.get("status") in ("entered-in-error", "cancelled"):
            continue
        sub_id = f"imagingStudy.{number}"
        yield sub_id, {"code": _study_code(), "valueString": uid} | _named(sub_id)
        archives = [(one, at) for one in map(resolve, map(_reference, _endpoints(study))) if (at := _archive(one))]
        for endpoint, address in archives[:1]:
            name = f"{sub_id}{OF_ARCHIVE}"
            yield name, _attached({"url": f"{address}/studies/{uid}"}, _text(endpoint, "name")) | _named(name)


def study_uid(study: Resource) -> str:
    """Return the study instance UID of an ImagingStudy (R4, ImagingStudy.identifier: system urn:dicom:uid)."""
    for one in _list(study.get("identifier")):
        uid = _text(one, "value").removeprefix("urn:oid:")
        if one.get("system") == DICOM_UID and len(uid) <= 64 and UID.fullmatch(uid):
            return uid
    return ""


def _studies(report: Resource, resolve: Resolve) -> Iterator[Resource]:
    yield from (resolve(_reference(one)) for one in _list(report.get("imagingStudy")))


def _endpoints(study: Resource) -> list[Resource]:
    found = _list(study.get("endpoint"))
    for series in _list(study.get("series")):
        found += [one for one in _list(series.get("endpoint")) if one not in found]
    return found


def _archive(endpoint: Resource) -> str:
    """Return the address of an archive that speaks DICOMweb and is in use; empty of any other endpoint."""
    is_used = endpoint.get("status") in ("active", "test")
    is_wado = _text(_element(endpoint.get("connectionType")), "code") == _WADO
    return _text(endpoint, "address").rstrip("/") if is_used and is_wado else ""


def status_of(report: Resource) -> str:
    """Return the status of an observation (R4, observation-status) of a report of that status."""
    return _STATUS.get(str(report.get("status")), "preliminary")


def _taken_away(sub_id: str) -> Element:
    """Return an observation that withdraws what stood under a name; what it was is not said again."""
    if sub_id.startswith("imagingStudy") and not sub_id.endswith(OF_ARCHIVE):
        return {"code": _study_code(), "status": "entered-in-error"} | _named(sub_id)
    return _attached({"url": GONE}, "") | _named(sub_id) | {"status": "entered-in-error"}


def _study_code() -> Element:
    coding = {"system": "http://dicom.nema.org/resources/ontology/DCM", "code": STUDY, "display": "DICOM Study"}
    return {"coding": [coding]}


def _named(sub_id: str) -> Element:
    return {"_sub_id": sub_id}


def _of_report(one: Element, number: int, report: Resource) -> Element:
    """Return an observation with patient, status and sub-id; it has the report's id and its own number."""
    extension = one.get("extension")
    inner = {"url": "original-sub-identifier", "valueString": str(one["_sub_id"])}
    sub_id = {"url": SUB_ID, "extension": [inner]}
    return {
        "resourceType": "Observation",
        "id": f"{report.get('id')}-beside-{number}",
        "status": one.get("status") or status_of(report),
        "subject": report.get("subject") or {},
        "extension": [*(extension if isinstance(extension, list) else []), sub_id],
        **{key: one[key] for key in ("code", "valueString") if key in one},
    }


def _section(report: Resource) -> str:
    """Return the section of imaging (HL7 table 0074) that a category names; empty where it names none."""
    for concept in _list(report.get("category")):
        for coding in _list(concept.get("coding")):
            system, code = str(coding.get("system", SECTION)), _text(coding, "code")
            if (system, code) in CATEGORIES:
                return code if system == SECTION else "RAD"
    return ""


def _addresses(attachments: Sequence[Resource]) -> list[str]:
    return [_text(one, "url") for one in attachments]


def _is_local(reference: str) -> bool:
    kind, slash, id_ = reference.partition("/")
    return bool(slash and id_) and kind.isalpha() and "/" not in id_


def _reference(value: object) -> str:
    return _text(_element(value), "reference").split("/_history/")[0]


def _text(element: Resource, key: str) -> str:
    value = element.get(key)
    return value if isinstance(value, str) else ""


def _element(value: object) -> Resource:
    return value if isinstance(value, dict) else {}


def _list(value: object) -> list[Resource]:
    found = value if isinstance(value, list) else [value]
    return [one for one in found if isinstance(one, dict)]
