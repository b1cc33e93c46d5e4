"""The scene of imaging: a hospital of Longnan with an ultrasound room, its report system and its devices.

It is 22 November 2026. The room examines abdomens by a service whose images and reports were reviewed in three years.
"""

from __future__ import annotations

import datetime as dt
from base64 import b64encode
from dataclasses import dataclass

from tests.factories.exchange import CodeMappingFactory, SourceFactory, message
from tests.factories.recognition import longnan, publish_level, score
from tests.factories.registry import AnalyteFactory, FacilityFactory, LaboratoryFactory, ProcedureFactory

from lienthong.core.actions import system_user
from lienthong.exchange.listening.arrivals import receive_frame
from lienthong.exchange.models import Source
from lienthong.exchange.processing.worker import Processed, process_waiting
from lienthong.exchange.senders import directory
from lienthong.interop.hl7v2 import Frame
from lienthong.registry.models import Analyte, Facility, Procedure, Region
from lienthong.results.actions import receive

NOW = dt.datetime(2026, 11, 22, 3, tzinfo=dt.UTC)
LEVELS = "cn-hospital-level"
PID = "PID|1||BN-4711^^^RIS^MR||王^小东||19800517|M"
OBR = "OBR|1|SA-1001|US-77|SAOB^Abdominal ultrasound^99RIS|||20261120081500|||||||||||||||20261120090000||RUS|F"
FINDINGS = "OBX|1|FT|59776-5^Findings^LN||肝脏大小正常。\\.br\\胆囊结石 8 mm。||||||F|||20261120081500"
LENGTH = "OBX|2|NM|8640-9^Stone^LN||8.0|mm|||||F"
CONCLUSION = "OBX|3|TX|19005-8^Conclusion^LN||胆囊结石。||||||F"
PDF = b"%PDF-1.7 made up"
FILE = f"OBX|4|ED|PDF^Report as printed^99RIS||RIS^application^PDF^Base64^{b64encode(PDF).decode()}||||||F"
STUDY_UID = "1.2.826.0.1.3680043.10.1338.1"
STUDY = f"OBX|5|ST|113014^DICOM Study^DCM||{STUDY_UID}||||||F"
POINTER = f"OBX|6|RP|IMG^Images^99RIS||https://pacs.example.org/dicom-web/studies/{STUDY_UID}^PACS||||||F"


@dataclass(frozen=True, slots=True)
class Room:
    """The hospital that examines, the one that receives, the examination and the service, the two senders."""

    region: Region
    hospital: Facility
    receiver: Facility
    abdomen: Analyte
    service: Procedure
    reports: Source
    device: Source

    def process(self, *segments: str, control_id: str = "M1") -> Processed:
        """Receive a report message of the room's system and let a worker store it."""
        lines = segments or (PID, OBR, FINDINGS, LENGTH, CONCLUSION, FILE, STUDY, POINTER)
        one = message(*lines, control_id=control_id, facility=self.reports.sending_facility)
        reception = receive_frame(Frame(one), directory(), at=NOW)
        receive([reception.arrival], by=system_user("listener"), at=NOW)
        return process_waiting(NOW)


def make_room() -> Room:
    region = longnan()
    hospital, receiver = FacilityFactory(region=region), FacilityFactory(region=region)
    for place in (hospital, receiver):
        publish_level(place, 2, scheme=LEVELS)
    laboratory = LaboratoryFactory(facility=hospital, name_en="Ultrasound room")
    abdomen = AnalyteFactory(
        key="US-ABDOMEN",
        loinc="24558-9",
        name_en="Abdominal ultrasound",
        name_vi="Siêu âm ổ bụng",
        name_zh="腹部超声",
        specimen="abdomen",
        group="ultrasound",
        scale="narrative",
        unit="",
    )
    service = ProcedureFactory(
        code="US-ROOM-ABDOMEN",
        laboratory=laboratory,
        analyte=abdomen,
        kind="imaging",
        modality="US",
        method="transabdominal",
        period__instrument_code="US1",
        period__instrument_model="Sonara 7",
        period__reagent="",
        period__reagent_lot="",
        period__unit="",
        period__examiner="Dr. Li Min",
    )
    for year, day in ((2024, dt.date(2024, 9, 1)), (2025, dt.date(2025, 9, 1)), (2026, dt.date(2026, 9, 1))):
        score(service, final_on=day, year=year)
    reports = SourceFactory(code="RIS", laboratory=laboratory, dicomweb_url="https://pacs.example.org/dicom-web")
    device = SourceFactory(
        code="US-ROOM",
        laboratory=laboratory,
        protocol="dicom",
        sending_application="US1",
        sending_facility="",
        dicomweb_url="https://pacs.example.org/dicom-web",
    )
    for source in (reports, device):
        CodeMappingFactory(source=source, local_code="SAOB", analyte=abdomen)
    return Room(region, hospital, receiver, abdomen, service, reports, device)
