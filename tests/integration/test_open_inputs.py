"""The generated input of the open interfaces is what hospitals send: form, export, Bundle and DICOM objects."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from types import ModuleType

import pytest

from lienthong.cli.demo.open import inputs
from lienthong.cli.demo.province import build
from lienthong.exchange.deliveries import result_forms, vn_xml
from lienthong.interop import dicom
from lienthong.interop.fhir import r4

ANCHOR = dt.datetime(2026, 11, 27, 2, tzinfo=dt.UTC)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("demo") / "open"
    inputs.write(folder, build(), anchor=ANCHOR)
    return folder


@pytest.mark.parametrize(
    ("name", "kind", "reports"), [("results.csv", result_forms, 2), ("export.xml", vn_xml, 1)], ids=["form", "export"]
)
def test_file_is_of_its_kind_and_parts_into_its_reports(
    folder: Path, name: str, kind: ModuleType, reports: int
) -> None:
    data = (folder / name).read_bytes()

    parted = kind.split(data)

    assert kind.is_of_kind(data)
    assert parted.findings == ()
    assert len(parted.pieces) == reports


def test_bundle_is_without_fault(folder: Path) -> None:
    bundle = r4.parse_json((folder / "bundle.json").read_bytes())

    assert [one for one in r4.check(bundle) if one.severity in ("fatal", "error")] == []


def test_objects_are_image_selection_and_verified_report_of_one_study(folder: Path) -> None:
    read = [(folder / "dicom" / f"{number}.dcm").read_bytes() for number in (1, 2, 3)]

    headers = [dicom.read_header(one)[0] for one in read]
    report, _findings = dicom.read_structured_report(read[2])

    assert [one.kind.value if one else "" for one in headers] == ["image", "selection", "report"]
    assert len({one.study_uid for one in headers if one}) == 1
    assert report
    assert (report.is_complete, report.is_verified) == (True, True)
    assert dicom.draw_picture(read[0], longest=240)[0]


def test_places_that_a_province_lacks_send_nothing(tmp_path: Path) -> None:
    implied = inputs.write(tmp_path / "open", build(("30001",)), anchor=ANCHOR)

    assert implied == {}
    assert [one.name for one in (tmp_path / "open").iterdir()] == ["codes.csv"]
