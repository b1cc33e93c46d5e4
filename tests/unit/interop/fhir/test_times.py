from __future__ import annotations

from datetime import timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from tests.unit.interop.fhir.messages import MSH, OBR, ORC, PID, bundle_of, of_kind

NO_OFFSET = MSH.replace("+0700", "")
OBX = "OBX|1|NM|1-8^A^LN||5|||||||||{}"
TIMES = {
    "year": ("2024", "2024", ""),
    "month": ("202403", "2024-03", ""),
    "day": ("20240305", "2024-03-05", ""),
    "hour": ("2024030510+0800", "2024-03-05T10:00:00+08:00", "2024030510+0800"),
    "minute": ("202403051030+0800", "2024-03-05T10:30:00+08:00", "202403051030+0800"),
    "second": ("20240305103007+0800", "2024-03-05T10:30:07+08:00", ""),
    "fraction": ("20240305103007.1234+0000", "2024-03-05T10:30:07.1234+00:00", ""),
    "day with offset": ("20240305+0800", "2024-03-05", "20240305+0800"),
    "no time": ("yesterday", None, "yesterday"),
    "impossible day": ("20240230", None, "20240230"),
}


@pytest.mark.parametrize(("sent", "expected", "kept"), TIMES.values(), ids=TIMES)
def test_time_keeps_precision_and_offset(sent: str, expected: str | None, kept: str) -> None:
    (found,) = of_kind(bundle_of(PID, ORC, OBR, OBX.format(sent)), "Observation")

    companion = found.get("_effectiveDateTime", {"extension": [{}]})
    assert found.get("effectiveDateTime") == expected
    assert companion["extension"][0].get("valueString", "") == kept


ZONES = {
    "offset of MSH-7 before the zone": (MSH, ZoneInfo("Europe/Berlin"), "2024-03-05T10:30:07+07:00"),
    "zone in winter": (NO_OFFSET, ZoneInfo("Europe/Berlin"), "2024-03-05T10:30:07+01:00"),
    "fixed offset": (NO_OFFSET, timezone(timedelta(hours=-3, minutes=-30)), "2024-03-05T10:30:07-03:30"),
    "neither": (NO_OFFSET, None, "2024-03-05"),
}


@pytest.mark.parametrize(("msh", "zone", "expected"), ZONES.values(), ids=ZONES)
def test_time_without_offset_takes_one_only_where_one_is_known(msh: str, zone: ZoneInfo | None, expected: str) -> None:
    bundle = bundle_of(PID, ORC, OBR, OBX.format("20240305103007"), msh=msh, zone=zone)

    (found,) = of_kind(bundle, "Observation")
    assert found["effectiveDateTime"] == expected
    assert found["_effectiveDateTime"]["extension"][0]["valueString"] == "20240305103007"


def test_time_in_summer_takes_the_zones_summer_time() -> None:
    bundle = bundle_of(PID, ORC, OBR, OBX.format("20240705103007"), msh=NO_OFFSET, zone=ZoneInfo("Europe/Berlin"))

    assert of_kind(bundle, "Observation")[0]["effectiveDateTime"] == "2024-07-05T10:30:07+02:00"


def test_instant_without_offset_is_left_out_and_kept_as_sent() -> None:
    bundle = bundle_of(PID, ORC, OBR.replace("+0700", ""), msh=NO_OFFSET)

    (report,) = of_kind(bundle, "DiagnosticReport")
    assert "issued" not in report
    assert report["_issued"]["extension"][0]["valueString"] == "20240305100000"
    assert "timestamp" not in bundle


def test_bad_time_is_reported_by_its_position() -> None:
    bundle = bundle_of(PID.replace("19800102", "02/01/1980"), ORC, OBR)

    (outcome,) = of_kind(bundle, "OperationOutcome")
    assert outcome["issue"][0]["expression"] == ["PID-7"]
    assert "02/01/1980" not in str(outcome)


def test_birth_time_is_beside_the_birth_date() -> None:
    (patient,) = of_kind(bundle_of(PID.replace("19800102", "198001020830")), "Patient")

    assert patient["birthDate"] == "1980-01-02"
    assert patient["_birthDate"]["extension"][0]["valueDateTime"] == "1980-01-02T08:30:00+07:00"
