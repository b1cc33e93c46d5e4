"""The codes by which a document says what stands where, as public templates of WS/T 500 write them.

`checked` is false for all of them: the standard was not read. Several vendors' programs agree on those here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

KINDS = {"C0006": "examination", "C0007": "laboratory"}
TEMPLATES = {"2.16.156.10011.2.1.1.26": "C0006", "2.16.156.10011.2.1.1.27": "C0007"}


@dataclass(frozen=True, slots=True)
class Code:
    """An OID or a data element, the name that it has here, what it is called in the templates, and its standing."""

    code: str
    name: str
    title: str
    checked: bool = False


# Roots of identifiers, of the patient's role unless told otherwise.
IDENTIFIERS = (
    Code("2.16.156.10011.1.1", "document", "文档流水号"),
    Code("2.16.156.10011.1.3", "resident", "患者身份证号标识"),
    Code("2.16.156.10011.1.4", "signer", "签名医师标识"),
    Code("2.16.156.10011.1.5", "institution", "医疗卫生机构标识"),
    Code("2.16.156.10011.1.7", "author", "医师标识"),
    Code("2.16.156.10011.1.11", "outpatient", "门(急)诊号标识"),
    Code("2.16.156.10011.1.12", "inpatient", "住院号标识"),
    Code("2.16.156.10011.1.14", "specimen", "检验标本编号标识"),
    Code("2.16.156.10011.1.19", "health_card", "健康卡号"),
    Code("2.16.156.10011.1.24", "order", "电子申请单编号"),
    Code("2.16.156.10011.1.32", "examination_report", "检查报告单号标识"),
    Code("2.16.156.10011.1.33", "laboratory_report", "检验报告单号标识"),
)
# Data elements; a name that stands beside two codes was seen written both ways. Of the result's code one template says
# that 1 is normal, and another that 1 is abnormal, so that only its display name is read.
ELEMENTS = (
    Code("DE02.10.027.00", "method", "检验(检查)方法名称"),
    Code("DE04.30.018.00", "category", "检验(检查)类别"),
    Code("DE04.30.019.00", "item", "检验(检查)项目代码"),
    Code("DE04.50.019.00", "item", "检验项目代码"),
    Code("DE04.30.020.00", "item_name", "检验(检查)项目名称"),
    Code("DE04.30.017.00", "result_code", "检验(检查)结果代码"),
    Code("DE04.30.015.00", "quantity", "检验(检查)定量结果"),
    Code("DE04.30.016.00", "unit", "检查定量结果计量单位"),
    Code("DE04.50.134.00", "specimen_kind", "标本类别"),
    Code("DE04.50.135.00", "specimen_state", "标本状态"),
    Code("DE04.50.130.00", "laboratory_text", "检验报告结果"),
    Code("DE04.50.131.00", "findings", "检查报告结果-客观所见"),
    Code("DE04.50.132.00", "conclusion", "检查报告结果-主观提示"),
    Code("DE06.00.179.00", "remark", "检验(检查)报告备注"),
    Code("DE08.10.013.00", "institution", "检验(检查)报告机构名称"),
    Code("DE08.10.026.00", "department", "检验(检查)报告科室"),
)
ROOTS: Mapping[str, str] = {one.code: one.name for one in IDENTIFIERS}
NAMES: Mapping[str, str] = {one.code: one.name for one in ELEMENTS}
DATA_ELEMENTS = "2.16.156.10011.2.2.1"  # 卫生信息数据元目录
# What stands in one element with two names (DE04.50.131.00 is written for both): the title tells which is meant.
SUBJECTIVE = ("主观", "提示", "结论", "诊断")
