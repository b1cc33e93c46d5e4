"""A person's name (VR PN, DICOM PS3.5, section 6.2.1): up to three groups of five components."""

from __future__ import annotations

from dataclasses import dataclass

from lienthong.interop.dicom._dataset import Elements, plain


@dataclass(frozen=True, slots=True)
class NameGroup:
    """A name in one script."""

    family: str = ""
    given: str = ""
    middle: str = ""
    prefix: str = ""
    suffix: str = ""

    @classmethod
    def of(cls, text: str) -> NameGroup:
        """Read components that `^` parts; what comes after the fifth is none."""
        return cls(*(plain(part) for part in text.split("^")[:5]))

    @property
    def display(self) -> str:
        """Family, middle and given name, as Vietnamese and Chinese names run; ideographs without blanks between."""
        parts = [part for part in (self.family, self.middle, self.given) if part]
        return ("" if parts and all(part[0] >= "\u3400" for part in parts) else " ").join(parts)


@dataclass(frozen=True, slots=True)
class PersonName:
    """The groups of a name: in single bytes, in ideographs, and as it sounds."""

    alphabetic: NameGroup = NameGroup()
    ideographic: NameGroup = NameGroup()
    phonetic: NameGroup = NameGroup()

    @property
    def display(self) -> str:
        """The name in ideographs where there is one, else the first that is given."""
        groups = (self.ideographic, self.alphabetic, self.phonetic)
        return next((one.display for one in groups if one.display), "")

    @property
    def groups(self) -> tuple[NameGroup, ...]:
        """The groups that say something."""
        return tuple(one for one in (self.alphabetic, self.ideographic, self.phonetic) if one.display)


def name_of(elements: Elements, keyword: str) -> PersonName | None:
    """Return the first name of an element, decoded by the data set's character sets; None where there is none."""
    raw = elements.person(keyword)
    if raw is None:
        return None
    name = PersonName(NameGroup.of(raw.alphabetic), NameGroup.of(raw.ideographic), NameGroup.of(raw.phonetic))
    return name if name.groups else None
