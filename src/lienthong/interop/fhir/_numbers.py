"""Numbers with the digits that they were written with (FHIR R4, datatypes, decimal: 1.50 is not 1.5)."""

from __future__ import annotations

from decimal import Decimal

MOST_CHARACTERS = 64
FARTHEST_EXPONENT = 308


class WrittenDecimal(Decimal):
    """A decimal whose text Python would write in another way: 1e2, 0.0000001, 5E-3. `str` gives its text back."""

    text: str

    def __new__(cls, text: str) -> WrittenDecimal:
        made = super().__new__(cls, text)
        made.text = text
        return made

    def __str__(self) -> str:
        return self.text

    def __reduce__(self) -> tuple[type[WrittenDecimal], tuple[str]]:
        return (type(self), (self.text,))


def number(text: str) -> int | Decimal:
    """Return the number of a JSON text, an int where it has no point and no exponent; `str` gives the text back.

    Raises ValueError for more than 64 characters or an exponent beyond ±308: no quantity needs them, and arithmetic
    with them could take all memory.
    """
    if len(text) > MOST_CHARACTERS:
        raise ValueError(f"a number has more than {MOST_CHARACTERS} characters")
    if text != "-0" and text.removeprefix("-").isdigit():
        return int(text)
    try:
        value = Decimal(text)
    except ArithmeticError:
        raise ValueError(f"a number has an exponent beyond {FARTHEST_EXPONENT}") from None
    if (value and abs(value.adjusted()) > FARTHEST_EXPONENT) or abs(_exponent(value)) > FARTHEST_EXPONENT:
        raise ValueError(f"a number has an exponent beyond {FARTHEST_EXPONENT}")
    return value if str(value) == text else WrittenDecimal(text)


def _exponent(value: Decimal) -> int:
    found = value.as_tuple().exponent
    return found if isinstance(found, int) else FARTHEST_EXPONENT + 1
