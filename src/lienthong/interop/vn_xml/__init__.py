"""Viet Nam's insurance export: XML1, XML3, XML4 (Decisions 130 and 4750/QĐ-BYT of 2023, 3176/QĐ-BYT of 2024).

Bytes in, stays of patients out: who and when (XML1), what was ordered and done (XML3), and what was found (XML4). The
texts of the decisions were not read; what a field means is in `FIELDS`, each with whether a public text was seen that
says so.
"""

from lienthong.interop.vn_xml._answer import GatewayAnswer, GatewayState, gateway_answer
from lienthong.interop.vn_xml._dates import read_birth, read_time
from lienthong.interop.vn_xml._fields import FIELDS, Field, fields_of_table
from lienthong.interop.vn_xml._joining import JoinedResult, ServiceOrder, join
from lienthong.interop.vn_xml._reading import Reading, is_export, read_stays
from lienthong.interop.vn_xml._results import ORDER, ROW, results_of, value_of
from lienthong.interop.vn_xml._rows import Row, Service, ServiceResult, Stay, StayPatient
from lienthong.interop.vn_xml._writing import write_piece

__all__ = [
    "FIELDS",
    "ORDER",
    "ROW",
    "Field",
    "GatewayAnswer",
    "GatewayState",
    "JoinedResult",
    "Reading",
    "Row",
    "Service",
    "ServiceOrder",
    "ServiceResult",
    "Stay",
    "StayPatient",
    "fields_of_table",
    "gateway_answer",
    "is_export",
    "join",
    "read_birth",
    "read_stays",
    "read_time",
    "results_of",
    "value_of",
    "write_piece",
]
