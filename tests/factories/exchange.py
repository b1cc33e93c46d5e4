"""Senders, mappings, and messages in HL7's own notation."""

from __future__ import annotations

import datetime as dt

import factory
from factory.django import DjangoModelFactory
from tests.factories.core import UserFactory
from tests.factories.iqc import ControlLotFactory
from tests.factories.registry import BEGAN, LEARNED, AnalyteFactory, LaboratoryFactory

from lienthong.exchange.models import CodeMapping, ControlMapping, Source

PID = "PID|1||P1^^^SX^MR~001180012345^^^CCCD^NI||Nguyễn^Đào^Thị||19800517|F"
QC_OBR = "OBR|1||7|01003^LJ QCR^99MRC|||20261120060000"
QC_LEVEL = "OBX|1|IS|03004^Qc Level^99MRC||M||||||F"
OBR = "OBR|1|PL1|SX1|CHEM^Chemistry^L|||20261120070000|||||||||||||||20261120090000|||F"
GLU = "OBX|1|NM|2345-7^Glucose^LN||5.6|mmol/L|3.9-6.4|N|||F|||20261120070000|||||20261120080000"


class SourceFactory(DjangoModelFactory[Source]):
    """The laboratory system MEDLAB of the facility SX."""

    class Meta:
        model = Source

    code = factory.Sequence(lambda n: "SX" if n == 0 else f"SX{n}")
    sending_application = "MEDLAB"
    sending_facility = factory.SelfAttribute("code")
    laboratory = factory.SubFactory(LaboratoryFactory)
    facility = factory.SelfAttribute("laboratory.facility")


class AnalyzerFactory(SourceFactory):
    """The analyser BS-240, known by the name that its header tells."""

    code = factory.Sequence(lambda n: f"AN{n}")
    sending_application = "BS-240"
    sending_facility = ""
    protocol = Source.Protocol.ASTM


class CodeMappingFactory(DjangoModelFactory[CodeMapping]):
    """A mapping of the code GLUC that two persons made; with `confirmed_by=None, confirmed_at=None` a proposal."""

    class Meta:
        model = CodeMapping

    source = factory.SubFactory(SourceFactory)
    local_code = "GLUC"
    analyte = factory.SubFactory(AnalyteFactory)
    valid_from = BEGAN
    recorded_at = LEARNED
    proposed_by = factory.SubFactory(UserFactory)
    proposed_at = LEARNED
    confirmed_by = factory.SubFactory(UserFactory)
    confirmed_at = LEARNED


class ControlMappingFactory(DjangoModelFactory[ControlMapping]):
    """Level 1 of Duotrol, lot 44711, by two persons: what `QC_OBR` with `QC_LEVEL` names."""

    class Meta:
        model = ControlMapping

    source = factory.SubFactory(SourceFactory)
    material = "01003"
    level = "M"
    control_lot = factory.SubFactory(ControlLotFactory)
    valid_from = BEGAN
    recorded_at = LEARNED
    proposed_by = factory.SubFactory(UserFactory)
    proposed_at = LEARNED
    confirmed_by = factory.SubFactory(UserFactory)
    confirmed_at = LEARNED


def qc_message(value: str = "4.05", *more: str, control_id: str = "Q1", at: str = "20261120060000") -> bytes:
    """Return a control of glucose as older analysers send it: MSH-11 Q, level beside the result."""
    result = f"OBX|2|NM|2345-7^Glucose^LN||{value}|mmol/L|||||F|||{at}"
    obr = QC_OBR.replace("20261120060000", at)
    return message("PID|1", obr, QC_LEVEL, result, *more, processing_id="Q", control_id=control_id)


def msh(control_id: str = "M1", **changes: str) -> str:
    """Return MSH of MEDLAB at SX; `facility`, `at` (MSH-7), `processing_id`, `charset`, `kind` and `mode` (MSH-15)
    change it.
    """
    usual = {"facility": "SX", "processing_id": "P", "charset": "UNICODE UTF-8", "kind": "ORU^R01^ORU_R01", "mode": ""}
    at = {"at": "20261120090000", **usual, **changes}
    return (
        f"MSH|^~\\&|MEDLAB|{at['facility']}|LT|HD|{at['at']}||{at['kind']}|{control_id}|{at['processing_id']}|2.5.1"
        f"|||{at['mode']}|||{at['charset']}"
    )


def message(*segments: str, codec: str = "utf-8", **header: str) -> bytes:
    """Return the bytes of a message: MSH by `msh`, then the segments, else one glucose of one patient."""
    lines = [msh(**header), *(segments or (PID, OBR, GLU))]
    return ("\r".join(lines) + "\r").encode(codec)


def astm_message(*records: str, header: str = "H|\\^&|||BS-240^Mindray^SN7|||||||P|LIS2-A2|20261120080500") -> bytes:
    """Return the bytes of an analyser's message: the header, the records, and the terminator."""
    return "".join(f"{line}\r" for line in (header, *records, "L|1|N")).encode()


def moment(text: str) -> dt.datetime:
    """Return `2026-11-20 08:00` of Hanoi as an instant."""
    return dt.datetime.fromisoformat(text).replace(tzinfo=dt.timezone(dt.timedelta(hours=7)))
