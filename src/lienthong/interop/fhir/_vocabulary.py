"""HL7 tables to FHIR codes: the ConceptMaps of HL7's v2-to-FHIR guide, and what goes back.

A code that a map lacks, or that would come back as another one, is kept beside the FHIR code in the extension
alternate-codes, as the guide does for OBX-11.
"""

from __future__ import annotations

from collections.abc import Mapping

from lienthong.interop.fhir._json import Element, elements_at, text_at
from lienthong.interop.fhir._systems import ALTERNATE_CODES


class Table:
    """An HL7 table and the FHIR code of each of its codes; the first code of a FHIR code is the one that goes back."""

    def __init__(self, name: str, codes: dict[str, str]) -> None:
        self.name = name
        self.codes = codes
        self.back = {fhir: code for code, fhir in reversed(codes.items())}


SEX = Table("0001", {"F": "female", "M": "male", "O": "other", "U": "unknown", "A": "other", "N": "other"})
NAME_USE = Table(
    "0200",
    {
        "L": "official",
        "R": "official",
        "D": "usual",
        "M": "maiden",
        "MSK": "anonymous",
        "N": "nickname",
        "TEMP": "temp",
        "NAV": "temp",
        "BAD": "old",
    },
)
ADDRESS_USE = Table(
    "0190",
    {"H": "home", "B": "work", "O": "work", "C": "temp", "BA": "old", "BI": "billing"},
)
ADDRESS_TYPE = Table("0190", {"M": "postal", "SH": "postal"})
TELECOM_USE = Table("0201", {"PRN": "home", "WPN": "work", "PRS": "mobile"})
TELECOM_SYSTEM = Table(
    "0202",
    {
        "PH": "phone",
        "CP": "phone",
        "FX": "fax",
        "Internet": "email",
        "X.400": "email",
        "BP": "pager",
        "MD": "other",
        "SAT": "other",
        "TDD": "other",
        "TTY": "other",
    },
)
OBSERVATION_STATUS = Table(
    "0085",
    {
        "F": "final",
        "P": "preliminary",
        "C": "corrected",
        "A": "amended",
        "X": "cancelled",
        "D": "entered-in-error",
        "W": "entered-in-error",
    },
)
REPORT_STATUS = Table(
    "0123",
    {
        "F": "final",
        "P": "preliminary",
        "C": "corrected",
        "O": "registered",
        "I": "registered",
        "S": "registered",
        "R": "partial",
        "X": "cancelled",
    },
)
ORDER_STATUS = Table(
    "0038",
    {
        "CM": "completed",
        "IP": "active",
        "SC": "active",
        "CA": "revoked",
        "DC": "revoked",
        "RP": "revoked",
        "ER": "entered-in-error",
        "HD": "on-hold",
    },
)
ORDER_CONTROL = Table(
    "0119",
    {
        **dict.fromkeys(("NW", "OK", "CA", "HD", "AF", "PR", "PY", "RL", "RO", "RQ"), "active"),
        **dict.fromkeys(("CR", "DC", "DF", "DR", "OC", "OD"), "revoked"),
        **dict.fromkeys(("HR", "OH"), "on-hold"),
        "FU": "completed",
    },
)
INTENT = Table("0065", {"G": "reflex-order"})
PRIORITY = Table("0485", {"R": "routine", "A": "asap", "S": "stat"})
ENCOUNTER_STATUS = Table("0004", {**dict.fromkeys("EIORBCN", "in-progress"), "P": "planned", "U": "unknown"})
SPECIMEN_STATUS = Table("0136", {"Y": "available", "N": "unavailable"})
NAME_REPRESENTATION = {"A": "ABC", "P": "SYL", "I": "IDE"}  # table 0465

ENCOUNTER_CLASS = {
    "E": ("EMER", "emergency"),
    "I": ("IMP", "inpatient encounter"),
    "O": ("AMB", "ambulatory"),
    "P": ("PRENC", "pre-admission"),
}
OWN_ENCOUNTER_CLASS = {
    "R": "Recurring patient",
    "B": "Obstetrics",
    "C": "Commercial Account",
    "N": "Not Applicable",
    "U": "Unknown",
}
MARITAL_STATUS = {
    "A": ("L", "Legally Separated"),
    "E": ("L", "Legally Separated"),
    "D": ("D", "Divorced"),
    "M": ("M", "Married"),
    "S": ("S", "Never Married"),
    "W": ("W", "Widowed"),
    "C": ("C", "Common Law"),
    **dict.fromkeys("GPR", ("T", "Domestic partner")),
    "N": ("A", "Annulled"),
    "I": ("I", "Interlocutory"),
    "B": ("U", "unmarried"),
}
MARITAL_NULL = {"U": ("UNK", "unknown"), "O": ("OTH", "other"), "T": ("NAVU", "Not available")}
_INTERPRETATIONS = (
    "< > A AA B CAR D DET E EX EXP H HH HU I IE IND L LL LU MS N NCL ND NEG NR NS POS R RR S SDD SYN-R SYN-S U "
    "UNE VS W WR"
)
INTERPRETATIONS = frozenset(_INTERPRETATIONS.split())
# In the table, but not in the FHIR code system (the map leaves them out).
OLD_INTERPRETATIONS = frozenset(("AC", "HM", "OBX", "QCF", "TOX"))
_IDENTIFIER_TYPES = (
    "AC ACSN AIN AM AMA AN ANC AND ANON ANT APRN ASID BA BC BCFN BCT BR BRN BSNR CAAI CC CONM CY CZ DC DCFN DDS DEA "
    "DFN DI DL DN DO DP DPM DR DS DSG EI EN ESN FDR FDRFN FGN FI FILL GI GL GN HC IND IRISTEM JHN LACSN LANR LI LN "
    "LR LRN MA MB MC MCD MCN MCR MCT MD MI MR MRT MS NBSNR NCT NE NH NI NII NIIP NP NPI OBI OD PA PC PCN PE PEN PGN "
    "PHC PHE PHO PI PIN PLAC PN PNT PPIN PPN PRC PRN PT QA RI RN RPH RR RRI RRP SAMN SB SHIP SID SL SN SNBSN SNO SP "
    "SR SRX SS STN TAX TN TPR TRL U UDI UPIN USID VN VP VS WC WCN WP XV XX"
)
IDENTIFIER_TYPES = frozenset(_IDENTIFIER_TYPES.split())


def put_code(element: Element, key: str, sent: str, table: Table, *, otherwise: str = "") -> None:
    """Set `element[key]` to the code that `sent` maps to, else to `otherwise`; keep `sent` where it would be lost."""
    code = table.codes.get(sent, otherwise)
    if code:
        element[key] = code
    if sent and sent_code(code, table) != sent:
        element[f"_{key}"] = {"extension": [alternate(table.name, sent)]}


def alternate(table: str, sent: str) -> Element:
    """Return the extension alternate-codes with a code of an HL7 table."""
    coding = {"system": f"http://terminology.hl7.org/CodeSystem/v2-{table}", "code": sent}
    return {"url": ALTERNATE_CODES, "valueCodeableConcept": {"coding": [coding]}}


def sent_code(code: str, table: Table) -> str:
    """Return the code of the HL7 table that a FHIR code goes back to; empty where there is none."""
    return table.back.get(code, "")


def code_back(element: Mapping[str, object], key: str, table: Table) -> str:
    """Return the code of the HL7 table for `element[key]`: the one kept beside it, else the one it maps to."""
    if f"_{key}" not in element:
        return sent_code(text_at(element, key), table)
    system = f"http://terminology.hl7.org/CodeSystem/v2-{table.name}"
    for extension in elements_at(as_companion(element, key), "extension"):
        concept = extension.get("valueCodeableConcept")
        if extension.get("url") == ALTERNATE_CODES and isinstance(concept, Mapping):
            for coding in elements_at(concept, "coding"):
                if coding.get("system") == system:
                    return text_at(coding, "code")
    return sent_code(text_at(element, key), table)


def as_companion(element: Mapping[str, object], key: str) -> Mapping[str, object]:
    """Return the extensions of a primitive value."""
    found = element.get(f"_{key}")
    return found if isinstance(found, Mapping) else {}
