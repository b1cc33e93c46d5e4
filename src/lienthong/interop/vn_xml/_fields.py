"""The fields that are read, their English names, and whether a public text was seen that says what they mean.

`checked` is true where the table, the name and the type were seen in a public text on the decisions (field lists of 130
as amended by 4750, and the twelve columns of table 4). It is false for what was only seen in public programs, or
follows from the name: read the decision itself before anything is built on it.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Field:
    """An element of a table. `size` is the most characters as far as it is known; 0: no limit, or none known."""

    table: str
    element: str
    name: str
    meaning: str
    size: int = 0
    checked: bool = True


FIELDS = (
    Field("XML1", "MA_LK", "link", "key of the stay, shared by all tables", 100),
    Field("XML1", "MA_BN", "patient_number", "the facility's number of the patient", 100),
    Field("XML1", "HO_TEN", "name", "full name", 255),
    Field("XML1", "SO_CCCD", "citizen_number", "personal identification number", 15),
    Field("XML1", "NGAY_SINH", "born", "birth: yyyyMMddHHmm; zeros where a part is not known", 12, checked=False),
    Field("XML1", "GIOI_TINH", "sex", "1 male, 2 female; 3 not determined", 1, checked=False),
    Field("XML1", "DIA_CHI", "address", "address", 1024),
    Field("XML1", "DIEN_THOAI", "phone", "telephone", 15),
    Field("XML1", "MA_THE_BHYT", "insurance_cards", "insurance cards, parted by semicolons"),
    Field("XML1", "NGAY_VAO", "admitted_at", "begin of the stay, yyyyMMddHHmm", 12),
    Field("XML1", "NGAY_RA", "discharged_at", "end of the stay, yyyyMMddHHmm", 12),
    Field("XML1", "MA_LOAI_KCB", "stay_kind", "kind of stay", 2, checked=False),
    Field("XML1", "MA_CSKCB", "facility", "code of the facility", 5),
    Field("XML3", "MA_LK", "link", "key of the stay", 100),
    Field("XML3", "STT", "number", "number of the row", 10),
    Field("XML3", "MA_DICH_VU", "service_code", "code of the service", 50),
    Field("XML3", "TEN_DICH_VU", "service_name", "name of the service", 1024),
    Field("XML3", "MA_NHOM", "group", "group of cost: 1 laboratory, 2 imaging, 3 function", 2, checked=False),
    Field("XML3", "MA_KHOA", "department", "department", 20),
    Field("XML3", "MA_BAC_SI", "ordered_by", "who ordered", 255),
    Field("XML3", "NGUOI_THUC_HIEN", "done_by", "who carried it out", 255),
    Field("XML3", "NGAY_YL", "ordered_at", "time of the order, yyyyMMddHHmm", 12),
    Field("XML3", "NGAY_TH_YL", "done_at", "time at which the order was carried out, yyyyMMddHHmm", 12, checked=False),
    Field("XML3", "NGAY_KQ", "result_at", "time of the result, yyyyMMddHHmm", 12),
    Field("XML3", "MA_MAY", "devices", "devices, parted by semicolons", 1024),
    Field("XML4", "MA_LK", "link", "key of the stay", 100),
    Field("XML4", "STT", "number", "number of the row", 10),
    Field("XML4", "MA_DICH_VU", "service_code", "code of the service", 15),
    Field("XML4", "MA_CHI_SO", "index_code", "code of the index (Decision 1227/QĐ-BYT of 2025)", 50),
    Field("XML4", "TEN_CHI_SO", "index_name", "name of the index", 255),
    Field("XML4", "GIA_TRI", "value", "value", 50),
    Field("XML4", "DON_VI_DO", "unit", "unit", 50),
    Field("XML4", "MO_TA", "description", "description: imaging, pathology, microbiology"),
    Field("XML4", "KET_LUAN", "conclusion", "conclusion"),
    Field("XML4", "NGAY_KQ", "result_at", "time of the result, yyyyMMddHHmm", 12),
    Field("XML4", "MA_BS_DOC_KQ", "read_by", "who read or approved the result", 255),
    Field("XML4", "MA_MAY", "devices", "devices: in the older format of Decision 4210 only", 50),
)


def fields_of_table(table: str) -> tuple[Field, ...]:
    """Return the fields of XML1, XML3 or XML4 that are read, in their order."""
    return tuple(one for one in FIELDS if one.table == table)
