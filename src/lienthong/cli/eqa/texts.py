"""Words and numbers in the reader's language."""

from __future__ import annotations

import gettext as gettext_module
import math
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from pathlib import Path

from lienthong.errors import Conflict

CATALOGUES = Path(__file__).resolve().parent.parent / "locale"
FOLDERS = {"vi": "vi", "zh": "zh_Hans"}


class Language(StrEnum):
    """The languages of reports."""

    EN = "en"
    VI = "vi"
    ZH = "zh"


@dataclass(frozen=True, slots=True)
class Words:
    """Texts of one language: whole sentences from the catalogue, numbers with its decimal sign."""

    language: Language
    translations: gettext_module.NullTranslations

    def gettext(self, message: str) -> str:
        return self.translations.gettext(message)

    def ngettext(self, one: str, many: str, count: int) -> str:
        return self.translations.ngettext(one, many, count)

    def fixed(self, value: float, decimals: int) -> str:
        """Write a number rounded half up; nan is –, a minus is −, and no zero has a sign."""
        if not math.isfinite(value):
            return "–"
        rounded = Decimal(str(value)).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP) + 0
        return self._signs(f"{rounded:,f}")

    def signed(self, value: float, decimals: int) -> str:
        """Write a number with its sign: +1.7, −0.3, 0.0."""
        text = self.fixed(value, decimals)
        return f"+{text}" if text[0] not in "−–" and text.strip("0.,") else text

    def plain(self, value: float) -> str:
        """Write a number with the digits it has."""
        if not math.isfinite(value):
            return "–"
        number = Decimal(f"{value:.15g}")
        return self.fixed(float(number), max(0, -int(number.normalize().as_tuple().exponent)))

    def significant(self, value: float, digits: int = 2) -> str:
        """Write a number with so many significant digits."""
        return self.fixed(value, decimals_for(value, digits))

    def whole(self, count: int) -> str:
        return self._signs(f"{count:,d}")

    def _signs(self, text: str) -> str:
        if self.language is Language.VI:
            text = text.translate(str.maketrans(",.", ".,"))
        return text.replace("-", "−")


def words_of(language: Language) -> Words:
    """Load a language; raise Conflict where its catalogue was not compiled."""
    if language is Language.EN:
        return Words(language, gettext_module.NullTranslations())
    try:
        found = gettext_module.translation("django", str(CATALOGUES), [FOLDERS[language]])
    except FileNotFoundError as error:
        raise Conflict(f"the texts in {language} are not compiled; run `make messages-compiled`") from error
    return Words(language, found)


def decimals_for(spread: float, digits: int = 2) -> int:
    """Return how many decimals show so many significant digits of `spread`."""
    if not math.isfinite(spread) or spread <= 0:
        return 2
    return max(0, digits - 1 - math.floor(math.log10(spread)))


def gettext_noop(message: str) -> str:
    """Mark a text for the catalogue; it is translated where it is shown."""
    return message


HEADINGS: Mapping[str, str] = {
    "row": gettext_noop("Row"),
    "round": gettext_noop("Round"),
    "analyte": gettext_noop("Analyte"),
    "sample": gettext_noop("Sample"),
    "peer_group": gettext_noop("Peer group"),
    "participant": gettext_noop("Participant code"),
    "value": gettext_noop("Result"),
    "value_text": gettext_noop("Result beyond a limit"),
    "unit": gettext_noop("Unit"),
    "judged_against": gettext_noop("Judged against"),
    "x_pt": gettext_noop("Assigned value x_pt"),
    "u_x_pt": gettext_noop("u(x_pt)"),
    "sigma_pt": gettext_noop("σ_pt"),
    "delta_e": gettext_noop("Allowable limit δ_E"),
    "d": gettext_noop("Difference D"),
    "d_percent": gettext_noop("Difference D, %"),
    "p_a": gettext_noop("D in % of the limit"),
    "z": gettext_noop("z"),
    "z_prime": gettext_noop("z′"),
    "zeta": gettext_noop("ζ"),
    "e_n": gettext_noop("E_n"),
    "verdict": gettext_noop("Verdict"),
    "reason": gettext_noop("Reason"),
    "within_limit": gettext_noop("Within the limit"),
    "percent": gettext_noop("Results within the limit, %"),
    "n": gettext_noop("Results"),
    "p": gettext_noop("p, results of the consensus"),
    "s_star": gettext_noop("Robust SD s*"),
    "method": gettext_noop("Assigned value by"),
    "sigma_by": gettext_noop("σ_pt from"),
    "negligible": gettext_noop("u(x_pt) negligible"),
    "converged": gettext_noop("Converged"),
    "iterations": gettext_noop("Iterations"),
    "notes": gettext_noop("Notes"),
}
VERDICTS: Mapping[str, str] = {
    "satisfactory": gettext_noop("Satisfactory"),
    "questionable": gettext_noop("Questionable"),
    "unsatisfactory": gettext_noop("Unsatisfactory"),
    "not_evaluated": gettext_noop("Not evaluated"),
}
REASONS: Mapping[str, str] = {
    "": "",
    "missing": gettext_noop("no result"),
    "censored": gettext_noop("the result is beyond a limit and not a number"),
    "no-value": gettext_noop("no assigned value"),
    "no-sigma": gettext_noop("no standard deviation for proficiency assessment"),
}
NOTES: Mapping[str, str] = {
    "all-methods": gettext_noop("the peer group is too small: judged against all methods"),
    "few": gettext_noop("consensus of fewer than 12 results: read with caution"),
    "very-few": gettext_noop("consensus of fewer than 6 results: an assigned value from elsewhere is needed"),
    "too-few": gettext_noop("fewer than 3 results: no consensus"),
    "no-value": gettext_noop("no assigned value is given"),
    "no-sigma": gettext_noop("no standard deviation for proficiency assessment"),
    "not-negligible": gettext_noop("u(x_pt) is 0.3 σ_pt or more: the verdict is by z′"),
    "u-unknown": gettext_noop("u(x_pt) is not known: scores don't allow for it"),
    "not-converged": gettext_noop("the estimate has not converged"),
    "several-modes": gettext_noop("the kernel density has several peaks: look for different methods or units"),
    "censored": gettext_noop("some results are beyond a limit and take no part in the consensus"),
}
ASSIGNMENTS: Mapping[str, str] = {
    "algorithm-a": gettext_noop("robust mean of the results (Algorithm A)"),
    "q-hampel": gettext_noop("Hampel's estimator with the SD of the Q method"),
    "median": gettext_noop("median of the results"),
    "fixed": gettext_noop("given by the organiser"),
}
SIGMAS: Mapping[str, str] = {
    "fixed": gettext_noop("given by the organiser"),
    "s-star": gettext_noop("robust SD of the results"),
    "percent": gettext_noop("%(percent)s %% of the assigned value"),
    "limit": gettext_noop("allowable limit divided by %(divisor)s"),
}
