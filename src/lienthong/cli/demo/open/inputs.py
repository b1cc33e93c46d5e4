"""The input of the open interfaces: tables, a form, an export, a Bundle and DICOM objects; every person is invented."""

from __future__ import annotations

import base64
import csv
import datetime as dt
import io
import json
import random
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from lienthong.cli.demo import people
from lienthong.cli.demo.catalogue import catalogue
from lienthong.cli.demo.open import ultrasound
from lienthong.cli.demo.open.places import (
    EXPORTING,
    FHIR,
    FORMS,
    ROOM,
    SERVICE,
    ULTRASOUND_ANALYTE,
    FileSender,
)
from lienthong.cli.demo.people import Patient
from lienthong.cli.demo.province import LONGNAN, Province, zone_of

ANALYTES = ("GLU", "UREA", "CREA")
HOURS_AGO = 30


def write(folder: Path, province: Province, *, anchor: dt.datetime) -> dict[str, object]:
    """Write what is needed of the places that a province has, and return what it implies for the numbers."""
    folder.mkdir(parents=True)
    codes = {place.code for place in province.places}
    draw = random.Random("open interfaces")  # noqa: S311 — examples
    implied: dict[str, object] = {}
    if FORMS.facility in codes:
        (folder / FORMS.file).write_bytes(_form(draw, anchor))
        implied[FORMS.code] = {"stored": 2, "results": 6}
    if EXPORTING.facility in codes:
        (folder / EXPORTING.file).write_bytes(_export(draw, anchor))
        implied[EXPORTING.code] = {"stored": 1, "results": 2}
    if FHIR.facility in codes:
        patient = people.vietnamese(draw, 61_001)
        (folder / FHIR.file).write_text(json.dumps(_bundle(patient, anchor), ensure_ascii=False, indent=1))
        implied[FHIR.code] = {"stored": 1, "results": 2, "found": 2}
    if LONGNAN in {place.region for place in province.places} and ultrasound.is_available():
        _room(folder / "room", anchor)
        ultrasound.write_objects(folder / "dicom", people.chinese(draw, 88), examined_at=_ago(anchor, LONGNAN))
        implied[ROOM.code] = {"stored": 1, "results": 1, "images": 1, "marks": 1}
    _csv(folder / "codes.csv", [*_codes(FORMS, "{key}"), *_codes(EXPORTING, "{key}01")])
    return implied


def _form(draw: random.Random, anchor: dt.datetime) -> bytes:
    """Return a CSV form as a hospital fills it in: two reports of three results, a comma as decimal sign."""
    out = io.StringIO(newline="")
    columns = (
        *("patient_number", "national_number", "name", "birth_date", "sex", "report_number", "code", "test"),
        *("value", "unit", "range", "decimal_sign", "collected_at", "measured_at", "released_at"),
    )
    writer = csv.DictWriter(out, fieldnames=columns, delimiter=";")
    writer.writeheader()
    collected = _ago(anchor, "VN-HD")
    for number in (1, 2):
        patient = people.vietnamese(draw, 60_000 + number)
        for key in ANALYTES:
            analyte = catalogue()[key]
            writer.writerow(
                {
                    "patient_number": f"00{4710 + number}",
                    "national_number": patient.national_number,
                    "name": patient.name,
                    "birth_date": f"{patient.birth_date:%d/%m/%Y}",
                    "sex": "nữ" if patient.sex == "F" else "nam",
                    "report_number": f"PXN-{number:03d}",
                    "code": key,
                    "test": analyte.row["name_vi"],
                    "value": analyte.written(analyte.level_1, extra=1).replace(".", ","),
                    "unit": "µmol/L" if analyte.unit == "umol/L" else analyte.unit,
                    "range": f"{analyte.low:g}-{analyte.high:g}".replace(".", ","),
                    "decimal_sign": ",",
                    "collected_at": f"{collected:%d/%m/%Y %H:%M}",
                    "measured_at": f"{collected + dt.timedelta(minutes=50):%d/%m/%Y %H:%M}",
                    "released_at": f"{collected + dt.timedelta(hours=2):%d/%m/%Y %H:%M}",
                }
            )
    return out.getvalue().encode("utf-8-sig")


def _export(draw: random.Random, anchor: dt.datetime) -> bytes:
    """Return the insurance export of one stay: XML1, XML3 and XML4 inside the envelope GIAMDINHHS."""
    patient, link = people.vietnamese(draw, 60_101), "LK26.7001"
    ordered = _ago(anchor, "VN-HD")
    times = {"NGAY_YL": f"{ordered:%Y%m%d%H%M}", "NGAY_KQ": f"{ordered + dt.timedelta(hours=2):%Y%m%d%H%M}"}
    stay = {
        **{"MA_LK": link, "STT": "1", "MA_BN": "BN007001", "HO_TEN": patient.name},
        **{"SO_CCCD": patient.national_number, "NGAY_SINH": f"{patient.birth_date:%Y%m%d}0000"},
        **{"GIOI_TINH": "2" if patient.sex == "F" else "1", "MA_CSKCB": EXPORTING.facility},
        **{"NGAY_VAO": f"{ordered:%Y%m%d%H%M}", "NGAY_RA": f"{ordered + dt.timedelta(hours=5):%Y%m%d%H%M}"},
    }
    services, results = [], []
    for number, key in enumerate(ANALYTES[:2], start=1):
        analyte = catalogue()[key]
        code = f"23.{number:04d}.1494"
        row = {"MA_LK": link, "STT": str(number), "MA_DICH_VU": code}
        services.append({**row, "TEN_DICH_VU": f"Định lượng {analyte.row['name_vi']}", "MA_NHOM": "1", **times})
        value = {"GIA_TRI": analyte.written(analyte.level_1), "DON_VI_DO": analyte.unit, "NGAY_KQ": times["NGAY_KQ"]}
        results.append({**row, "MA_CHI_SO": f"{key}01", "TEN_CHI_SO": analyte.row["name_vi"], **value})
    tables = (
        ("XML1", _table("TONG_HOP", [stay])),
        ("XML3", _table("CHI_TIET_DVKT", services, "CHITIEU_CHITIET_DVKT_VTYT", "DSACH_CHI_TIET_DVKT")),
        ("XML4", _table("CHI_TIET_CLS", results, "CHITIEU_CHITIET_DICHVUCANLAMSANG", "DSACH_CHI_TIET_CLS")),
    )
    files = "".join(
        f"<FILEHOSO><LOAIHOSO>{name}</LOAIHOSO><NOIDUNGFILE>{base64.b64encode(data).decode()}</NOIDUNGFILE></FILEHOSO>"
        for name, data in tables
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<GIAMDINHHS><THONGTINDONVI>'
        f"<MACSKCB>{EXPORTING.facility}</MACSKCB></THONGTINDONVI><THONGTINHOSO><NGAYLAP>{ordered:%Y%m%d}</NGAYLAP>"
        f"<SOLUONGHOSO>1</SOLUONGHOSO><DANHSACHHOSO><HOSO>{files}</HOSO></DANHSACHHOSO></THONGTINHOSO>"
        "<CHUKYDONVI/></GIAMDINHHS>"
    ).encode()


def _table(element: str, rows: Iterable[Mapping[str, str]], *outer: str) -> bytes:
    made = "".join(
        f"<{element}>{''.join(f'<{key}>{value}</{key}>' for key, value in row.items())}</{element}>" for row in rows
    )
    for name in reversed(outer):
        made = f"<{name}>{made}</{name}>"
    return f'<?xml version="1.0" encoding="utf-8"?>\n{made}'.encode()


def _bundle(patient: Patient, anchor: dt.datetime) -> dict[str, Any]:
    """Return a transaction of a patient, two results and their report, as a hospital system writes it."""
    collected = _ago(anchor, "VN-HD")
    subject = {"reference": "Patient/demo-p1"}
    times = {
        "effectiveDateTime": collected.isoformat(timespec="seconds"),
        "issued": (collected + dt.timedelta(hours=2)).isoformat(timespec="seconds"),
    }
    results = [_observation(key, subject, times, collected) for key in ANALYTES[:2]]
    report = {
        "resourceType": "DiagnosticReport",
        "id": "demo-r1",
        "status": "final",
        "identifier": [{"value": "XN-FHIR-001"}],
        "code": {"text": "Sinh hóa"},
        "subject": subject,
        **times,
        "result": [{"reference": f"Observation/{one['id']}"} for one in results],
        "conclusion": "Trong giới hạn bình thường.",
    }
    entries = [_patient(patient), *results, report]
    put = [
        {"resource": one, "request": {"method": "PUT", "url": f"{one['resourceType']}/{one['id']}"}} for one in entries
    ]
    return {"resourceType": "Bundle", "type": "transaction", "entry": put}


def _patient(patient: Patient) -> dict[str, Any]:
    kind = {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v2-0203", "code": "MR"}]}
    return {
        "resourceType": "Patient",
        "id": "demo-p1",
        "identifier": [
            {"type": kind, "value": "F-000117"},
            {"system": "http://fhir.ehealth.gov.vn/core/sid/national_id", "value": patient.national_number},
        ],
        "name": [{"text": patient.name}],
        "gender": "female" if patient.sex == "F" else "male",
        "birthDate": patient.birth_date.isoformat(),
    }


def _observation(key: str, subject: object, times: Mapping[str, str], collected: dt.datetime) -> dict[str, Any]:
    analyte = catalogue()[key]
    analysed = (collected + dt.timedelta(minutes=50)).isoformat(timespec="seconds")
    return {
        "resourceType": "Observation",
        "id": f"demo-{key.lower()}",
        "extension": [
            {
                "url": "http://hl7.org/fhir/StructureDefinition/observation-analysis-date-time",
                "valueDateTime": analysed,
            }
        ],
        "status": "final",
        "code": {"coding": [{"system": "http://loinc.org", "code": analyte.loinc, "display": analyte.row["name_en"]}]},
        "subject": subject,
        **times,
        "valueQuantity": {
            "value": analyte.level_1,
            "unit": analyte.unit,
            "system": "http://unitsofmeasure.org",
            "code": analyte.unit,
        },
    }


def _codes(sender: FileSender, code: str) -> list[dict[str, str]]:
    """Return what a sender's own codes mean."""
    return [
        {
            "source": sender.code,
            "local_code": code.format(key=key),
            "analyte": key,
            "procedure": f"{sender.facility}-{key}",
        }
        for key in ANALYTES
    ]


def _room(folder: Path, anchor: dt.datetime) -> None:
    """Write the tables of the ultrasound room, and the rounds in which its images and reports were reviewed."""
    folder.mkdir()
    for kind, rows in (("facilities", [ROOM.facility_row]), ("laboratories", [ROOM.laboratory_row])):
        _csv(folder / f"{kind}.csv", rows)
    _csv(folder / "analytes.csv", [ULTRASOUND_ANALYTE])
    _csv(folder / "instruments.csv", [ROOM.instrument_row])
    _csv(folder / "procedures.csv", [SERVICE])
    finished = (anchor - dt.timedelta(days=120)).date()
    _csv(
        folder / "scores.csv",
        [
            {
                "provider": "Ganzhou",
                "scheme": "GZ-CC",
                "round": f"{year}-US",
                "laboratory": ROOM.laboratory,
                "procedure": SERVICE["code"],
                "percent": "100",
                "passed": "yes",
                "finished_on": dt.date(year, finished.month, min(finished.day, 28)).isoformat(),
            }
            for year in (finished.year - 2, finished.year - 1, finished.year)
        ],
    )


def _ago(anchor: dt.datetime, region: str) -> dt.datetime:
    """Return when things were done, on the clock of a region."""
    return (anchor - dt.timedelta(hours=HOURS_AGO)).astimezone(ZoneInfo(zone_of(region)))


def _csv(path: Path, rows: Iterable[Mapping[str, str]]) -> None:
    listed = list(rows)
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, fieldnames=list(listed[0]))
        writer.writeheader()
        writer.writerows(listed)
