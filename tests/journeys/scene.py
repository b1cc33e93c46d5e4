"""Two hospitals of one region, a month of quality control, proof, and a patient whose results came by message."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.utils import timezone
from tests.factories.core import SystemUserFactory, UserFactory
from tests.factories.exchange import SourceFactory
from tests.factories.iqc import ControlLotFactory, ControlTargetFactory
from tests.factories.recognition import hai_duong, publish_level, score
from tests.factories.registry import (
    BEGAN,
    AnalyteFactory,
    FacilityFactory,
    LaboratoryFactory,
    ProcedureFactory,
    ProcedurePeriodFactory,
    bind,
)

from lienthong.core.models import User
from lienthong.exchange.processing.worker import process_waiting
from lienthong.iqc import actions as iqc
from lienthong.recognition import actions as recognition
from lienthong.registry.access import Role
from lienthong.registry.models import Procedure
from lienthong.results import actions as results
from lienthong.results.intake.inbox import Arrival

LOINC = {"K": "2823-3", "TC": "14647-2", "HBA1C": "4548-4"}
NAMES = {"K": "Potassium", "TC": "Cholesterol, total", "HBA1C": "Haemoglobin A1c"}
UNITS = {"K": "mmol/L", "TC": "mmol/L", "HBA1C": "%"}
MEANS = {1: 4.0, 2: 8.0}
HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Scene:
    """Who acts, and on what. Potassium's last run broke 1-3s; cholesterol and HbA1c are in control."""

    technician: User
    clinician: User
    officer: User
    operator: User
    administrator: User
    systems: dict[str, Procedure]


def set_scene() -> Scene:
    """Make the scene as of now: runs and proof in the past, the patient's results of this morning."""
    now, system = timezone.now().replace(second=0, microsecond=0), SystemUserFactory(username="system-scene")
    region = hai_duong()
    made, received = (
        FacilityFactory(code=code, name_en=name, name_vi=name, region=region, has_insurance_contract=True)
        for code, name in (("30001", "Bệnh viện tỉnh"), ("30101", "Trung tâm Y tế Thanh Bình"))
    )
    laboratory = LaboratoryFactory(code="30001-L1", name_en="Laboratory", facility=made)
    publish_level(made, 4)
    publish_level(received, 2)
    systems = {key: _system(key, laboratory, now=now, by=system) for key in LOINC}
    recognition.recompute_grants([one.pk for one in systems.values()], by=system, at=now - 3 * DAY)
    iqc.record_run(systems["K"].pk, {1: 4.17, 2: 8.68}, measured_at=now - 2 * HOUR, by=system, at=now - HOUR)
    for facility, name in ((made, "LIS30001"), (received, "LIS30101")):
        SourceFactory(
            code=name,
            sending_application=name,
            sending_facility=facility.code,
            facility=facility,
            laboratory=laboratory if facility is made else None,
        )
    _receive(_message("LIS30101", "30101", "B-77", {"K": "4.4"}, at=now - 5 * DAY), by=system, at=now)
    _receive(
        _message("LIS30001", "30001", "A-12", {"TC": "5.9", "HBA1C": "7.8"}, at=now - 20 * HOUR), by=system, at=now
    )
    people = {
        role: UserFactory(username=str(role), full_name=f"{role} of the scene", language="en") for role in Role.values
    }
    bind(people[Role.TECHNICIAN], Role.TECHNICIAN, laboratory)
    bind(people[Role.CLINICIAN], Role.CLINICIAN, received)
    for role in (Role.OFFICER, Role.OPERATOR, Role.ADMINISTRATOR):
        bind(people[role], role, region)
    return Scene(
        technician=people[Role.TECHNICIAN],
        clinician=people[Role.CLINICIAN],
        officer=people[Role.OFFICER],
        operator=people[Role.OPERATOR],
        administrator=people[Role.ADMINISTRATOR],
        systems=systems,
    )


def _system(key: str, laboratory: object, *, now: dt.datetime, by: User) -> Procedure:
    """A measuring system with targets, a month of quiet runs, and a passed EQA round."""
    analyte = AnalyteFactory(
        key=key, loinc=LOINC[key], name_en=NAMES[key], name_vi=NAMES[key], unit=UNITS[key], group="biochemistry"
    )
    system = ProcedureFactory(code=f"30001-{key}", laboratory=laboratory, analyte=analyte, period=None)
    ProcedurePeriodFactory(procedure=system, instrument_model="Helix C6", unit=UNITS[key])
    for level, mean in MEANS.items():
        lot = ControlLotFactory(level=level, lot=f"4471{level}")
        ControlTargetFactory(
            procedure=system, control_lot=lot, mean=mean, sd=mean * 0.025, unit=UNITS[key], valid_from=BEGAN
        )
    score(system, final_on=timezone.localdate(now) - 20 * DAY)
    rows = [
        f"30001-L1,{system.code},Duotrol,4471{level},{level},{_local(now - ago * DAY - 3 * HOUR)},{value},{UNITS[key]}"
        for ago in range(40, -1, -1)
        for level, value in _quiet(ago).items()
    ]
    header = "laboratory,procedure,material,lot,level,measured_at,value,unit"
    report = iqc.import_runs("\n".join([header, *rows]).encode(), f"{key}.csv", by=by, at=now)
    assert not report.findings, report.findings
    return system


def _quiet(ago: int) -> dict[int, float]:
    """Control values within one SD, on the other side of the mean every day."""
    side = 1 if ago % 2 else -1
    return {level: mean * (1 + side * (1 if level == 1 else -1) * 0.01) for level, mean in MEANS.items()}


def _message(sender: str, facility: str, number: str, values: dict[str, str], *, at: dt.datetime) -> bytes:
    stamp = timezone.localtime(at).strftime("%Y%m%d%H%M%S%z")
    national = "030168012417^^^CCCD^NI"
    segments = [
        f"MSH|^~\\&|{sender}|{facility}|LT|HD|{stamp}||ORU^R01^ORU_R01|{number}|P|2.5.1||||||UNICODE UTF-8",
        f"PID|1||{number}P^^^{facility}^MR~{national}||Trần^Thị Mẫu||19680312|F",
        f"OBR|1||{number}|LAB^Laboratory^L|||{stamp}|||||||||||||||{stamp}|||F",
        *(
            f"OBX|{index}|NM|{LOINC[key]}^{key}^LN||{value}|{UNITS[key]}|4.0-6.0||||F||||||||{stamp}"
            for index, (key, value) in enumerate(values.items(), start=1)
        ),
    ]
    return "\r".join([*segments, ""]).encode()


def _receive(message: bytes, *, by: User, at: dt.datetime) -> None:
    """Put a message into the inbox as the listener does, and let the worker take it."""
    source = message.split(b"|")[2].decode()
    results.receive([Arrival(raw=message, received_at=at, source=source, lane=source)], by=by, at=at)
    done = process_waiting(at)
    assert done.held + done.rejected == 0, done


def _local(at: dt.datetime) -> str:
    return timezone.localtime(at).strftime("%Y-%m-%d %H:%M")
