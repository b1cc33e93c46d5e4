"""The columns of the forms in which results and reports in words are filled in, and the templates of them."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from lienthong.core.tabular import Column, Kind, template_bytes
from lienthong.exchange.deliveries.report_form import LONGEST

SEXES = {"F": ("female", "nữ", "nu", "女"), "M": ("male", "nam", "男"), "U": ("unknown", "không rõ", "未知")}
STATUSES = {
    "final": ("f", "chính thức", "最终"),
    "preliminary": ("p", "sơ bộ", "初步"),
    "corrected": ("c", "đã sửa", "更正"),
    "withdrawn": ("x", "thu hồi", "撤回"),
}
SIGNS = {".": ("point", "dấu chấm", "点"), ",": ("comma", "dấu phẩy", "逗号")}


def _optional(key: str, label: Promise, *, aliases: tuple[str, ...] = (), longest: int = 200, **more: object) -> Column:
    return Column(key, label, is_required=False, aliases=aliases, longest=longest, **more)  # type: ignore[arg-type]  # as Column names them


PATIENT = (
    Column("patient_number", _("Patient number"), longest=LONGEST, aliases=("ma_bn", "mã bệnh nhân", "病人号")),
    _optional(
        "national_number",
        _("National number"),
        longest=LONGEST,
        aliases=("cccd", "số căn cước", "身份证号"),
        refuses_numbers=True,
    ),
    _optional("insurance_card", _("Insurance card"), longest=LONGEST, aliases=("ma_the", "bhyt"), refuses_numbers=True),
    _optional("name", _("Patient's name"), aliases=("ho_ten", "họ tên", "姓名")),
    _optional("birth_date", _("Birth date"), longest=40, aliases=("ngay_sinh", "ngày sinh", "出生日期")),
    _optional("sex", _("Sex"), kind=Kind.CHOICE, choices=SEXES, aliases=("gioi_tinh", "giới tính", "性别")),
)
REPORT = (
    Column("report_number", _("Report number"), longest=LONGEST, aliases=("số phiếu", "报告号")),
    _optional("order_number", _("Order number"), longest=LONGEST, aliases=("số y lệnh", "申请号")),
    _optional("service", _("Service"), aliases=("dịch vụ", "检查项目")),
    _optional("requester", _("Requested by"), aliases=("bác sĩ chỉ định", "申请医生")),
    _optional("status", _("Status"), kind=Kind.CHOICE, choices=STATUSES),
    _optional("collected_at", _("Collected at"), kind=Kind.MOMENT),
    _optional("received_at", _("Received at"), kind=Kind.MOMENT),
    _optional("released_at", _("Released at"), kind=Kind.MOMENT),
)
RESULT = (
    _optional("code", _("Code"), longest=60, aliases=("local_code", "ma_dich_vu")),
    _optional("test", _("Test"), aliases=("ten_chi_so", "tên xét nghiệm", "项目名称")),
    _optional("value", _("Value"), longest=2000, aliases=("gia_tri", "kết quả", "结果"), keeps_decimals=True),
    _optional("unit", _("Unit"), longest=60, aliases=("don_vi_do",)),
    _optional("range", _("Reference interval"), aliases=("khoảng tham chiếu", "参考区间")),
    _optional("flags", _("Flags"), longest=40),
    _optional("decimal_sign", _("Decimal sign"), kind=Kind.CHOICE, choices=SIGNS),
    _optional("specimen", _("Specimen"), longest=60),
    _optional("analyser", _("Analyser"), longest=60),
    _optional("measured_at", _("Measured at"), kind=Kind.MOMENT),
    _optional("comment", _("Comment"), longest=2000),
)
WORDS = (
    _optional("text", _("Findings"), longest=20_000, aliases=("mo_ta", "mô tả", "检查所见")),
    _optional("conclusion", _("Conclusion"), longest=20_000, aliases=("ket_luan", "kết luận", "诊断意见")),
)
# One reading takes both: a row has a result, or words, or both.
COLUMNS = (*PATIENT, *REPORT, *RESULT, *WORDS)
TEMPLATES: Mapping[str, tuple[Column, ...]] = {
    "results": (*PATIENT, *REPORT, *RESULT),
    "reports-in-words": (*PATIENT, *REPORT, *WORDS),
}


def template(name: str) -> bytes:
    """Return the empty workbook of a form, in the active language."""
    return template_bytes(name, TEMPLATES[name])
