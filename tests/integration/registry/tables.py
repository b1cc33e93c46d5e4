"""Tables of a small province, as a user would bring them: one text for each kind, in the order of import."""

from __future__ import annotations

REGIONS = """\
code;name_vi;name_en;time_zone;parent;valid_from;valid_to
VN;Việt Nam;Viet Nam;Asia/Ho_Chi_Minh;;;
VN-HD;Hải Dương;Hai Duong;Asia/Ho_Chi_Minh;VN;01/01/1997;
VN-HP;Hải Phòng;Hai Phong;Asia/Ho_Chi_Minh;VN;01/01/1997;
VN-HD;Hải Dương;Hai Duong;Asia/Ho_Chi_Minh;VN-HP;01/07/2025;
"""
FACILITIES = """\
code;name_vi;region;ownership;has_insurance_contract;scheme;grade;valid_from
00123;Bệnh viện A;VN-HD;công lập;có;hospital-class;I;2020-01-01
00123;Bệnh viện A;VN-HD;công lập;có;technical-level;specialised;2025-01-01
00124;Phòng khám B;VN-HD;tư nhân;;;;
"""
LABORATORIES = """\
code;name_vi;facility;is_mobile
L1;Khoa Hoá sinh;00123;không
L2;Xe xét nghiệm;00123;có
L3;Phòng xét nghiệm B;00124;
"""
STAFF = """\
laboratory;number;full_name;qualification;may_release;valid_from;valid_to
L1;0007;Nguyễn Văn An;Cử nhân xét nghiệm;có;2021-03-01;
"""
INSTRUMENTS = """\
laboratory;code;manufacturer;model;serial_number;valid_from
L1;A1;Helix;C6;00098;2022-01-01
L1;A2;Novara;480;;2022-01-01
"""
ANALYTES = """\
key;loinc;name_vi;name_zh;name_en;specimen;group;scale;unit;molar_mass;decimals;cv_within
K;2823-3;Kali;钾;Potassium;serum;chemistry;định lượng;mmol/L;39,098;2;4,1
GLU;14749-6;Glucose;葡萄糖;Glucose;plasma;chemistry;quantitative;mmol/L;180,156;1;5
HBSAG;5196-1;HBsAg;乙肝表面抗原;HBsAg;serum;serology;qualitative;;;;
"""
PROCEDURES = """\
code;laboratory;analyte;method;in_use_from;valid_from;instrument_code;instrument_model;reagent;reagent_lot;unit;\
reference_low;reference_high
L1-K-1;L1;K;ISE;2022-01-01;2022-01-01;A1;C6;ISE module;LOT1;mmol/L;3,5;5,1
L1-K-2;L1;K;ISE;2022-01-01;2022-01-01;A2;480;ISE module;LOT9;mmol/L;3,5;5,1
L1-GLU;L1;GLU;hexokinase;2022-01-01;2022-01-01;A1;C6;GLU2;G1;mg/dL;70;110
"""
COMPARABILITY = """\
enrolled;extended;passed;summary;valid_from;valid_to
L1-K-1;L1-K-2;có;20 mẫu, lệch 0,8 %;2026-01-01;2027-01-01
"""
ALL = {
    "regions": REGIONS,
    "facilities": FACILITIES,
    "laboratories": LABORATORIES,
    "staff": STAFF,
    "instruments": INSTRUMENTS,
    "analytes": ANALYTES,
    "procedures": PROCEDURES,
    "comparability": COMPARABILITY,
}


def appended(kind: str, *lines: str) -> str:
    """Return a table with more rows."""
    return ALL[kind] + "\n".join(lines) + "\n"


def header_and(kind: str, *lines: str) -> str:
    """Return the header of a table with other rows."""
    return ALL[kind].splitlines()[0] + "\n" + "\n".join(lines) + "\n"
