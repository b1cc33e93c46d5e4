"""What is wrong in the demonstration, planted by name: the answer key that the check compares with."""

from __future__ import annotations

from lienthong.cli.demo.province import Province, System

LAMP = ("GLU", "UREA", "CREA", "UA", "TBIL", "TP", "ALB", "AST", "ALT", "GGT", "ALP", "AMY", "CK", "LDH")
SILENT_PLACE = "30102"  # no control was run for the last two days
SILENT_DAYS = 2
LAMP_PLACE, LAMP_DAYS_AGO = "30003", 12
CONTROL_FAULTS = {
    "30001-K": "1_3s",  # today's run, level 2 at +3.4 s
    "30001-ALT": "2_2s",  # today's run, both levels beyond +2 s
    "30104-CREA": "10x",  # both levels a little high for the last five runs
    "30205-GLU": "1_3s old",  # out for six days; nobody acted
    "30007-WBC": "R_4s",  # today's run, one level +2.3 s, the other −2.4 s
    "30108-TC": "4_1s",  # level 1 above +1 s in the last four runs
}
RESET_SYSTEM, RESET_DAYS_AGO = "30106-UA", 6  # four runs on one side, a calibration, three more: no violation
EXCLUDED_SYSTEM = "30002-NA"  # a wrong vial, excluded with its reason
EQA_FAILED = {
    **{"30205-UREA": "high", "30205-CREA": "high", "30212-K": "high", "30104-TC": "low", "30218-GLU": "high"},
    **{f"30209-{key}": "missing" for key in ("GLU", "UREA", "CREA", "AST", "ALT", "TC", "TG", "K", "NA", "CL")},
    "30213-GLU": "mg/dL as mmol/L",  # a blunder: not converted by the laboratory
}
OUTSIDE_FAILED = ("30005-TSH", "30011-FERR")
LONGNAN_YEARS_MISSED = {"360783002-ALT": 2024, "360783003-GLU": 2025}  # the year in which no pass was had


def iqc_state(system: System) -> str:
    """Return the state that the planted faults imply at the end."""
    if not system.has_controls or system.place.code == SILENT_PLACE:
        return "no_evidence"
    return "out_of_control" if system.code in CONTROL_FAULTS else "in_control"


def has_level(system: System) -> bool:
    """Tell whether a published level or an ISO 15189 scope line admits the system."""
    return system.place.level is not None or system.analyte.key in system.place.accredited


def grant(system: System) -> str:
    """Return what the faults imply for the right at the end: in_force, suspended or refused."""
    if not system.has_controls:
        return "refused"
    if system.place.is_chinese:
        return "refused" if system.code in LONGNAN_YEARS_MISSED else "in_force"
    if not has_level(system) or system.code in OUTSIDE_FAILED:
        return "refused"
    if system.code in EQA_FAILED or CONTROL_FAULTS.get(system.code) == "1_3s old":
        return "suspended"
    return "in_force"


def grants(province: Province, *, listed: dict[str, set[str]]) -> dict[str, int]:
    """Count rights by state over the systems whose analyte is in their region's list."""
    counted: dict[str, int] = {}
    for system in province.systems:
        if system.analyte.key in listed[system.place.region]:
            state = grant(system)
            counted[state] = counted.get(state, 0) + 1
    return counted
