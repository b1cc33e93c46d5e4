"""Registry and assessment files of the demonstration, in the form that the import pages take."""

from __future__ import annotations

import csv
import datetime as dt
import random
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from lienthong.cli.demo import people
from lienthong.cli.demo.catalogue import catalogue
from lienthong.cli.demo.province import ANALYSERS, HD, SINCE, Place, Province, System

MERGED = "2025-07-01"  # Hải Dương became part of Hải Phòng
REGIONS = (
    ("VN", "Việt Nam", "越南", "Viet Nam", "Asia/Ho_Chi_Minh", "", "", ""),
    ("VN-HP", "Hải Phòng", "海防", "Hai Phong", "Asia/Ho_Chi_Minh", "VN", "1997-01-01", ""),
    ("VN-HD", "Hải Dương", "海阳", "Hai Duong", "Asia/Ho_Chi_Minh", "VN", "1997-01-01", MERGED),
    ("VN-HD", "Hải Dương", "海阳", "Hai Duong", "Asia/Ho_Chi_Minh", "VN-HP", MERGED, ""),
    ("CN", "Trung Quốc", "中国", "China", "Asia/Shanghai", "", "", ""),
    ("CN-36", "Giang Tây", "江西省", "Jiangxi", "Asia/Shanghai", "CN", "1949-10-01", ""),
    ("CN-3607", "Cám Châu", "赣州市", "Ganzhou", "Asia/Shanghai", "CN-36", "1999-07-01", ""),
    ("CN-360783", "Long Nam", "龙南市", "Longnan", "Asia/Shanghai", "CN-3607", "2020-06-01", ""),
)
REGION_COLUMNS = ("code", "name_vi", "name_zh", "name_en", "time_zone", "parent", "valid_from", "valid_to")
CLASSES = {"provincial": "provincial", "district": "district", "private": "private"}
ANALYTE_COLUMNS = (
    *("key", "loinc", "name_vi", "name_zh", "name_en", "specimen"),
    *("group", "scale", "unit", "molar_mass", "decimals", "cv_within", "charge"),
)
Rows = Iterable[Mapping[str, str]]


def write(folder: Path, province: Province, *, anchor: dt.datetime) -> None:
    """Write one file for each kind of table, in the order in which they are imported."""
    folder.mkdir(parents=True)
    tables: dict[str, Rows] = {
        "regions": [dict(zip(REGION_COLUMNS, row, strict=True)) for row in REGIONS],
        "facilities": _facilities(province),
        "laboratories": _laboratories(province),
        "analytes": [{key: analyte.row[key] for key in ANALYTE_COLUMNS} for analyte in catalogue().values()],
        "staff": _staff(province),
        "instruments": _instruments(province),
        "procedures": _procedures(province, anchor=anchor),
        "comparability": _comparability(province),
        "levels": _levels(province),
        "scopes": _scopes(province),
    }
    for kind, rows in tables.items():
        _write(folder / f"{kind}.csv", rows)


def _facilities(province: Province) -> Iterator[dict[str, str]]:
    for place in province.places:
        yield {
            "code": place.code,
            "name_vi": "" if place.is_chinese else place.name,
            "name_zh": place.name if place.is_chinese else "",
            "region": place.region,
            "ownership": "private" if place.kind == "private" else "public",
            "has_insurance_contract": "" if place.is_chinese else "yes",
            "scheme": "cn-hospital-level" if place.is_chinese else "vn-demonstration-class",
            "grade": str(place.level) if place.is_chinese else CLASSES[place.kind],
            "valid_from": SINCE.isoformat(),
        }


def _laboratories(province: Province) -> Iterator[dict[str, str]]:
    for place in province.places:
        yield {
            "code": place.laboratory,
            "name_vi": "" if place.is_chinese else "Khoa Xét nghiệm",
            "name_zh": "检验科" if place.is_chinese else "",
            "facility": place.code,
            "is_mobile": "yes" if place.is_mobile else "no",
        }


def _staff(province: Province) -> Iterator[dict[str, str]]:
    draw = random.Random("staff")  # noqa: S311 — examples
    for place in province.places:
        for number, (title, releases) in enumerate((("ThS. BS.", "yes"), ("CN.", "yes"), ("KTV.", "no")), start=1):
            yield {
                "laboratory": place.laboratory,
                "number": str(number),
                "full_name": people.staff_name(draw, is_chinese=place.is_chinese),
                "qualification": _qualification(title, place),
                "may_release": releases,
                "valid_from": SINCE.isoformat(),
            }


def _qualification(title: str, place: Place) -> str:
    chinese = {"ThS. BS.": "主任技师", "CN.": "主管技师", "KTV.": "技师"}
    return chinese[title] if place.is_chinese else f"{title} xét nghiệm"


def _instruments(province: Province) -> Iterator[dict[str, str]]:
    makers = {model: maker for maker, model, _ in ANALYSERS.values()} | {"Novara 480": "Novara"}
    seen: set[str] = set()
    for system in province.systems:
        if system.instrument_code not in seen:
            seen.add(system.instrument_code)
            yield {
                "laboratory": system.place.laboratory,
                "code": system.instrument_code,
                "manufacturer": makers[system.instrument_model],
                "model": system.instrument_model,
                "serial_number": f"SN{len(seen):05d}",
                "valid_from": SINCE.isoformat(),
            }


def _procedures(province: Province, *, anchor: dt.datetime) -> Iterator[dict[str, str]]:
    """Yield each system with its current period; those of the central hospital had an earlier reagent lot."""
    for system in province.systems:
        row = _procedure(system)
        changed = (system.place.local(anchor).date() - dt.timedelta(days=45)).isoformat()
        if system.place.code == "30001" and system.has_controls:
            yield row | {"reagent_lot": f"{int(system.reagent_lot) - 27}", "valid_to": changed}
            yield row | {"valid_from": changed}
        else:
            yield row


def _procedure(system: System) -> dict[str, str]:
    analyte = system.analyte
    return {
        "code": system.code,
        "laboratory": system.place.laboratory,
        "kind": "measuring_system",
        "analyte": analyte.key,
        "method": system.method,
        "in_use_from": SINCE.isoformat(),
        "valid_from": SINCE.isoformat(),
        "valid_to": "",
        "instrument_code": system.instrument_code,
        "instrument_model": system.instrument_model,
        "reagent": f"{analyte.key} reagent",
        "reagent_lot": system.reagent_lot,
        "calibrator": "Calibrator C" if system.has_controls else "",
        "unit": analyte.unit,
        "reference_low": "" if analyte.low is None else f"{analyte.low:g}",
        "reference_high": "" if analyte.high is None else f"{analyte.high:g}",
    }


def _comparability(province: Province) -> Iterator[dict[str, str]]:
    for system in province.systems:
        if system.extends:
            yield {
                "enrolled": system.extends,
                "extended": system.code,
                "passed": "yes",
                "summary": "20 specimens over the range, 19 within half the allowable error",
                "valid_from": SINCE.isoformat(),
            }


def _levels(province: Province) -> Iterator[dict[str, str]]:
    for place in province.in_region(HD):
        if place.level is not None:
            yield {
                "facility": place.code,
                "scheme": "vn-2429",
                "level": str(place.level),
                "decision": "example 14/QĐ-SYT",
                "published_on": "2026-05-14",
                "valid_from": "2026-05-14",
            }


def _scopes(province: Province) -> Iterator[dict[str, str]]:
    for place in province.places:
        for key in place.accredited:
            yield {
                "laboratory": place.laboratory,
                "analyte": key,
                "certificate": f"EXAMPLE-{place.code}",
                "body": "example accreditation body",
                "valid_from": "2025-06-01",
                "valid_to": "2028-06-01",
            }


def _write(path: Path, rows: Rows) -> None:
    listed = list(rows)
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, fieldnames=list(listed[0]))
        writer.writeheader()
        writer.writerows(listed)
