"""China's shared documents in HL7 CDA R2: the examination report (C0006) and the laboratory report (C0007).

The standard's own text (WS/T 500-2016, parts 6 and 7) was not read; the templates that public programs of several
vendors write were. So documents are read by their structure and by the codes of data elements, in every place where
those templates put them, and what can't be read is told. `IDENTIFIERS` and `ELEMENTS` are these codes.
"""

from lienthong.interop.cn_cda._document import (
    CdaDocument,
    CdaPatient,
    CdaPerson,
    Item,
    Organisation,
    RelatedDocument,
)
from lienthong.interop.cn_cda._elements import ELEMENTS, IDENTIFIERS, KINDS, Code
from lienthong.interop.cn_cda._reading import is_document, read_document
from lienthong.interop.cn_cda._results import ITEM, REPORT, number_of, results_of

__all__ = [
    "ELEMENTS",
    "IDENTIFIERS",
    "ITEM",
    "KINDS",
    "REPORT",
    "CdaDocument",
    "CdaPatient",
    "CdaPerson",
    "Code",
    "Item",
    "Organisation",
    "RelatedDocument",
    "is_document",
    "number_of",
    "read_document",
    "results_of",
]
