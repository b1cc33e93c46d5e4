"""What hospitals write as a unit, to the UCUM code that they mean.

The text is read word by word, because UCUM itself would misread much of it: G/L is gauss per litre there and giga
(10*9) per litre in a blood count, K/uL is kelvin per microlitre, and MMOL/L is nothing.
"""

from __future__ import annotations

import re
from functools import lru_cache

from lienthong.interop.ucum._parse import LONGEST, is_valid, parse
from lienthong.normal_forms import normalize

# Expressions that mean something as a whole, folded to lower case and without blanks.
_WHOLE = {
    "%": "%",
    "‰": "[ppth]",
    "mg%": "mg/dL",
    "g%": "g/dL",
    "ug%": "ug/dL",
    "inr": "{INR}",
    "ratio": "{ratio}",
    "titer": "{titer}",
    "titre": "{titer}",
    "index": "{index}",
    "s/co": "{s_co_ratio}",
    "coi": "{COI}",
    "ph": "[pH]",
    "°c": "Cel",
    "℃": "Cel",
    "mmhg": "mm[Hg]",
    "mm/1h": "mm/h",
    "ml/min/1.73m2": "mL/min/{1.73_m2}",
    "ml/phút/1.73m2": "mL/min/{1.73_m2}",
}
# Where the case decides, or where two readings are in use and none can be chosen.
_AS_WRITTEN = {
    "G/L": "10*9/L",
    "G/l": "10*9/L",
    "T/L": "10*12/L",
    "T/l": "10*12/L",
    "mM": "mmol/L",
    "uM": "umol/L",
    "nM": "nmol/L",
    "pM": "pmol/L",
}
_AMBIGUOUS = re.compile(r"[mMT](?:/.*)?|[GKk]")
# One word of an expression, folded to lower case.
_WORDS = {
    **{name: name for name in ("kg", "g", "mg", "ug", "ng", "pg", "fg", "mol", "mmol", "umol", "nmol", "pmol", "fmol")},
    **{f"{prefix}l": f"{prefix}L" for prefix in ("", "d", "c", "m", "u", "n", "p", "f")},
    **{f"{prefix}eq": f"{prefix}eq" for prefix in ("", "m", "u")},
    **{f"{prefix}osm": f"{prefix}osm" for prefix in ("", "m")},
    **{f"{prefix}kat": f"{prefix}kat" for prefix in ("", "m", "u", "n")},
    **{f"{prefix}u": f"{prefix}U" for prefix in ("", "k", "m")},
    # No enzyme is reported in millionths of U; thyrotropin and insulin are, and mean international units.
    "uu": "u[IU]",
    **{f"{prefix}{unit}": f"{prefix}[IU]" for prefix in ("", "k", "m", "u") for unit in ("iu", "ui")},
    **dict.fromkeys(("gm", "gr", "gam", "gram"), "g"),
    **dict.fromkeys(("mcg", "mkg"), "ug"),
    **dict.fromkeys(("lít", "lit", "liter", "litre", "升"), "L"),
    **dict.fromkeys(("mm3", "mm^3", "cumm", "cmm"), "mm3"),
    "mm": "mm",
    "cm": "cm",
    "cc": "mL",
    "m2": "m2",
    "kpa": "kPa",
    **dict.fromkeys(("s", "sec", "secs", "second", "seconds", "giây", "giay", "秒"), "s"),
    **dict.fromkeys(("min", "mins", "phút", "phut", "分", "分钟"), "min"),
    **dict.fromkeys(("h", "hr", "hour", "giờ", "gio", "小时"), "h"),
    **dict.fromkeys(("d", "day", "ngày", "天"), "d"),
    **dict.fromkeys(("hpf", "hp", "vt"), "[HPF]"),
    **dict.fromkeys(("lpf", "lp"), "[LPF]"),
    **dict.fromkeys(("cell", "cells", "tb", "tếbào", "tebao", "个", "個"), "{cells}"),
    **dict.fromkeys(("copies", "copy", "bảnsao"), "{copies}"),
    **dict.fromkeys(("ghb",), "g{Hb}"),
    **dict.fromkeys(("gcr", "gcre", "gcreatinin", "gcreatinine"), "g{creat}"),
    **dict.fromkeys(("mmolcr", "mmolcre", "mmolcreatinin", "mmolcreatinine"), "mmol{creat}"),
    "au": "[arb'U]",  # UCUM's own AU is the astronomical unit
    "cfu": "[CFU]",
    "pfu": "[PFU]",
    **dict.fromkeys(("k", "thou"), "10*3"),
    **dict.fromkeys(("mill", "triệu"), "10*6"),
    "giga": "10*9",
    "tera": "10*12",
}
_SUPERSCRIPT = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789")
_RAISED_TEN = re.compile(r"10(?=[⁰¹²³⁴⁵⁶⁷⁸⁹])")
# 10^9, x10^9, 10*9, 10E9, E9, and 109 where the raised digit was lost on its way.
_POWER = re.compile(r"(?:[x×*]?10(?:\^|\*\*|\*|e|~)?|e)\+?(?P<power>3|6|9|12)(?![0-9])(?P<rest>.*)", re.IGNORECASE)
# D-dimer is told in two units of mass that are a factor of two apart; UCUM keeps which in an annotation.
_EQUIVALENTS = re.compile(r"(?P<unit>.+?)[({\[]?(?P<of>FEU|DDU)[)}\]]?", re.IGNORECASE)
_POWER_ABOVE = re.compile(r"(?:[xX×*]?\s*)10")
_POWER_REST = re.compile(r"\s*(?:3|6|9|12)\s*/\s*\S+.*")
_COUNTED = re.compile(r"(?P<count>[1-9][0-9]*)\.?(?P<word>\D.*)")


def normalise_unit(reported: str) -> str | None:
    """Return the UCUM code that a reported unit means; None where that is not certain, or it is longer than a code.

    IU/L stays international units: whether an enzyme's IU/L means U/L is a matter of the analyte, for its mapping.
    """
    return _normalised(reported) if len(reported) <= LONGEST else None


def join_power(code: str, text: str) -> str | None:
    """Return `10^9/L` where a sender wrote its ^ without escaping it, so that it came as two components; else None.

    Certain only where the first component is a bare ten and the second a power that counts have, over something.
    """
    if len(code) + len(text) > LONGEST:
        return None
    if _POWER_ABOVE.fullmatch(code.strip()) and _POWER_REST.fullmatch(text):
        return f"{code.strip()}^{text.strip()}"
    return None


@lru_cache(maxsize=4_096)
def _normalised(reported: str) -> str | None:
    text = _cleaned(reported)
    if match := _EQUIVALENTS.fullmatch(text):
        unit = _normalised(match["unit"])
        return f"{unit}{{{match['of'].upper()}}}" if unit else None
    if text in _AS_WRITTEN:
        return _AS_WRITTEN[text]
    if text.casefold() in _WHOLE:
        return _WHOLE[text.casefold()]
    if text in ("M/uL", "M/ul", "m/uL", "m/ul", "M/mm3"):
        return "10*6/uL"
    if not text or _AMBIGUOUS.fullmatch(text):
        return None
    return _by_words(text) or (text if _is_of_a_laboratory(text) else None)


def _is_of_a_laboratory(text: str) -> bool:
    """Whether a valid code can be meant: not coulomb, kelvin, candela or radian, which single letters stand for."""
    return is_valid(text) and not {"C", "K", "cd", "rad"} & dict(parse(text).dimensions).keys()


def _cleaned(reported: str) -> str:
    text = _RAISED_TEN.sub("10^", normalize("NFC", reported)).translate(_SUPERSCRIPT)
    text = text.translate(str.maketrans("μµ％／×", "uu%/x")).replace("1,73", "1.73")
    return "".join(text.split())


def _by_words(text: str) -> str | None:
    above, *below = text.split("/")
    parts = [_power(above) if above else "", *(_word(part) or _counted(part) for part in below)]
    if any(part is None for part in parts) or not any(parts):
        return None
    return "/".join(part for part in parts if part is not None)


def _power(text: str) -> str | None:
    match = _POWER.fullmatch(text)
    if match is None:
        return _word(text)
    if not match["rest"]:
        return f"10*{match['power']}"
    rest = _word(match["rest"])
    return f"10*{match['power']}{rest if rest.startswith('{') else '.' + rest}" if rest else None


def _word(text: str) -> str | None:
    return _WORDS.get(text.casefold())


def _counted(text: str) -> str | None:
    """Read `24h` and `100mL` below the line."""
    match = _COUNTED.fullmatch(text)
    word = _word(match["word"]) if match else None
    if match is None or word is None:
        return None
    return word if match["count"] == "1" else f"({match['count']}.{word})"
