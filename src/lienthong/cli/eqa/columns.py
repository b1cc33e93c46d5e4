"""What a table of a round's results may hold, under which headings."""

from __future__ import annotations

from collections.abc import Mapping

from lienthong.cli.tables import Column, Kind

COLUMNS: dict[str, Column] = {
    "participant": Column(
        (
            *("participant", "participant code", "lab", "laboratory", "lab code"),
            *("mã đơn vị", "mã số đơn vị tham gia", "đơn vị tham gia", "phòng xét nghiệm"),
            *("实验室编码", "实验室", "参加实验室"),
        ),
        Kind.LABEL,
        is_required=True,
        may_be_blank=False,
    ),
    "analyte": Column(
        ("analyte", "measurand", "item", "chất phân tích", "xét nghiệm", "分析物", "项目", "检验项目"),
        Kind.LABEL,
        is_required=True,
        may_be_blank=False,
    ),
    "round": Column(("round", "round code", "đợt", "đợt ngoại kiểm", "轮次", "质评轮次"), Kind.LABEL),
    "sample": Column(("sample", "sample code", "item code", "mẫu", "mã mẫu", "样品", "样品编号", "批号"), Kind.LABEL),
    "peer_group": Column(
        ("peer group", "group", "method", "nhóm so sánh", "phương pháp", "对等组", "同组", "方法"), Kind.LABEL
    ),
    "value": Column(
        ("value", "result", "x", "kết quả", "giá trị", "结果", "测定值", "检测结果"), Kind.NUMBER, is_required=True
    ),
    "unit": Column(("unit", "units", "đơn vị đo", "đơn vị", "单位"), Kind.LABEL),
    "u": Column(("u", "standard uncertainty", "độ không đảm bảo chuẩn", "标准不确定度"), Kind.NUMBER),
    "expanded_u": Column(
        ("expanded uncertainty", "U expanded", "độ không đảm bảo mở rộng", "扩展不确定度"), Kind.NUMBER
    ),
    "k": Column(("k", "coverage factor", "hệ số phủ", "包含因子"), Kind.NUMBER),
    "x_pt": Column(("x_pt", "xpt", "assigned value", "giá trị ấn định", "指定值", "靶值"), Kind.NUMBER),
    "u_x_pt": Column(("u_x_pt", "u(x_pt)", "độ không đảm bảo của giá trị ấn định", "指定值的不确定度"), Kind.NUMBER),
    "sigma_pt": Column(("sigma_pt", "σ_pt", "sdpa", "能力评定标准差"), Kind.NUMBER),
    "delta_e": Column(("delta_e", "δ_E", "limit", "giới hạn cho phép", "允许限"), Kind.NUMBER),
}

VALUE_AS_TEXT = {"value": Column(COLUMNS["value"].headings, Kind.TEXT, is_required=True)}


def wanted_columns(mapping: Mapping[str, str]) -> dict[str, Column]:
    """Return the columns to read; u isn't looked for under a heading that was given to another column."""
    taken = {heading.casefold() for key, heading in mapping.items() if key != "u"}
    return {key: column for key, column in COLUMNS.items() if key != "u" or "u" in mapping or "u" not in taken}
