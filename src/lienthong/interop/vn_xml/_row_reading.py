"""From a row as sent to what it says. What can't be read is a finding, and the rest of the row stands."""

from __future__ import annotations

from lienthong.findings import Finding
from lienthong.interop.hl7v2 import Instant
from lienthong.interop.vn_xml._dates import read_birth, read_time
from lienthong.interop.vn_xml._rows import Row, Service, ServiceResult, StayPatient

SEXES = frozenset({"", "1", "2", "3"})


def patient_of(row: Row, findings: list[Finding]) -> StayPatient:
    """Read a row of XML1; the messages of findings go on from the place."""
    born = row.get("NGAY_SINH")
    birth = read_birth(born) if born else None
    if born and birth is None:
        findings.append(Finding(f"{row.position}/NGAY_SINH", "date", "is not a birth; write yyyyMMddHHmm."))
    sex = row.get("GIOI_TINH")
    if sex not in SEXES:
        findings.append(Finding(f"{row.position}/GIOI_TINH", "sex-code", "must be 1 (male), 2 (female) or 3."))
    return StayPatient(
        row=row,
        link=row.get("MA_LK"),
        patient_number=row.get("MA_BN"),
        name=" ".join(row.get("HO_TEN").split()),
        citizen_number=row.get("SO_CCCD"),
        birth=birth,
        sex=sex if sex in SEXES else "",
        address=row.get("DIA_CHI"),
        phone=row.get("DIEN_THOAI"),
        insurance_cards=_parts(row.get("MA_THE_BHYT")),
        admitted_at=_time(row, "NGAY_VAO", findings),
        discharged_at=_time(row, "NGAY_RA", findings),
        stay_kind=row.get("MA_LOAI_KCB"),
        facility=row.get("MA_CSKCB"),
    )


def service_of(row: Row, findings: list[Finding]) -> Service:
    """Read a row of XML3."""
    return Service(
        row=row,
        link=row.get("MA_LK"),
        service_code=row.get("MA_DICH_VU"),
        service_name=row.get("TEN_DICH_VU"),
        group=row.get("MA_NHOM"),
        department=row.get("MA_KHOA"),
        ordered_by=row.get("MA_BAC_SI"),
        done_by=row.get("NGUOI_THUC_HIEN"),
        ordered_at=_time(row, "NGAY_YL", findings),
        done_at=_time(row, "NGAY_TH_YL", findings),
        result_at=_time(row, "NGAY_KQ", findings),
        devices=_parts(row.get("MA_MAY")),
    )


def result_of(row: Row, findings: list[Finding]) -> ServiceResult:
    """Read a row of XML4."""
    return ServiceResult(
        row=row,
        link=row.get("MA_LK"),
        service_code=row.get("MA_DICH_VU"),
        index_code=row.get("MA_CHI_SO"),
        index_name=row.get("TEN_CHI_SO"),
        value=row.get("GIA_TRI"),
        unit=row.get("DON_VI_DO"),
        description=row.get("MO_TA"),
        conclusion=row.get("KET_LUAN"),
        result_at=_time(row, "NGAY_KQ", findings),
        read_by=row.get("MA_BS_DOC_KQ"),
        devices=_parts(row.get("MA_MAY")),
    )


def _parts(text: str) -> tuple[str, ...]:
    return tuple(part for one in text.split(";") if (part := one.strip()))


def _time(row: Row, element: str, findings: list[Finding]) -> Instant | None:
    text = row.get(element)
    found = read_time(text) if text else None
    if text and found is None:
        findings.append(Finding(f"{row.position}/{element}", "date", "is not a time; write yyyyMMddHHmm."))
    return found
