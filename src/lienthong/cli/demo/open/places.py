"""Who uses the open interfaces in the demonstration."""

from __future__ import annotations

from dataclasses import dataclass

from lienthong.cli.demo.province import LONGNAN, SINCE


@dataclass(frozen=True, slots=True)
class FileSender:
    """A sender without a listener: its code, its facility, and the file of what it delivers."""

    code: str
    facility: str
    file: str


FORMS = FileSender("FORMS30009", "30009", "results.csv")
EXPORTING = FileSender("XML30006", "30006", "export.xml")
FHIR = FileSender("HIS30007", "30007", "bundle.json")
CLIENT, SCOPES = "his-30007", ("system/*.cruds",)
EXAMINATION = "US-ABDOMEN"
LOINC = "24558-9"
SINCE_ROOM = SINCE.isoformat()


@dataclass(frozen=True, slots=True)
class Room:
    """The ultrasound room, which sends by DICOM."""

    code: str
    title: str
    facility: str

    @property
    def laboratory(self) -> str:
        return f"{self.facility}-L1"

    @property
    def facility_row(self) -> dict[str, str]:
        return {
            **{"code": self.facility, "name_vi": "", "name_zh": "龙南市示例影像中心", "region": LONGNAN},
            **{"ownership": "public", "has_insurance_contract": "", "scheme": "cn-hospital-level", "grade": "2"},
            "valid_from": SINCE_ROOM,
        }

    @property
    def laboratory_row(self) -> dict[str, str]:
        return {
            **{"code": self.laboratory, "name_vi": "", "name_zh": "超声科", "facility": self.facility},
            "is_mobile": "no",
        }

    @property
    def instrument_row(self) -> dict[str, str]:
        return {
            **{"laboratory": self.laboratory, "code": f"{self.facility}-US1", "manufacturer": "Sonara"},
            **{"model": "Sonara 7", "serial_number": "SN90001", "valid_from": SINCE_ROOM},
        }


ROOM = Room("US360783009", "US-LONGNAN", "360783009")
ULTRASOUND_ANALYTE = {
    **{"key": EXAMINATION, "loinc": LOINC, "name_vi": "Siêu âm ổ bụng", "name_zh": "腹部超声"},
    **{"name_en": "Abdominal ultrasound", "specimen": "abdomen", "group": "ultrasound", "scale": "narrative"},
    "unit": "",
}
SERVICE = {
    **{"code": f"{ROOM.facility}-{EXAMINATION}", "laboratory": ROOM.laboratory, "kind": "imaging"},
    **{"analyte": EXAMINATION, "method": "transabdominal", "in_use_from": SINCE_ROOM, "valid_from": SINCE_ROOM},
    **{"instrument_code": f"{ROOM.facility}-US1", "instrument_model": "Sonara 7", "modality": "US"},
    "examiner": "李敏",
}
