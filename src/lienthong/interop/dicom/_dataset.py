"""A data set whose elements are read one by one: what can't be read gives a finding with its tag and nothing else.

pydicom reads elements when they are asked for, and broken ones fail in many ways; so each is asked for in one place.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from threading import RLock

from lienthong.errors import LienthongError
from lienthong.findings import Finding


class DicomUnavailable(LienthongError, ImportError):
    """Raised where DICOM is asked for and the extra `imaging` is not installed."""

    code = "dicom-unavailable"


try:
    import pydicom
    from pydicom import config as pydicom_config
    from pydicom.dataset import Dataset
    from pydicom.errors import InvalidDicomError
    from pydicom.valuerep import PersonName as RawName
except ImportError as missing:
    raise DicomUnavailable(
        f"DICOM needs the extra “imaging” ({missing.name} is not installed): pip install 'lienthong[imaging]'"
    ) from None

# Devices send values that break the rules of their type; they are kept as sent, and what can't be used is told here.
pydicom_config.settings.reading_validation_mode = pydicom_config.IGNORE

# A switch to another character set (ISO 2022) that the decoder of that set left in the text.
_SWITCH = re.compile(r"\x1b(?:\$[()*+,\-./]?|[()*+,\-./])[0-~]")
DEFLATED = b"1.2.840.10008.1.2.1.99"
META_REACHES = 65_536  # bytes within which the file meta information names the transfer syntax
_DAY = re.compile(r"\d{8}")
_TIME = re.compile(r"\d{2}(?:\d{2}(?:\d{2}(?:\.\d{1,6})?)?)?")
_ZONE = re.compile(r"[+-]\d{4}")
_quiet_one = RLock()


@contextmanager
def quiet() -> Iterator[None]:
    """Keep pydicom from warnings, which may hold a patient's value; one thread at a time, since filters are global."""
    with _quiet_one, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def plain(text: str) -> str:
    """Return a decoded text without padding, and without what only its decoding needed."""
    return (_SWITCH.sub("", text) if "\x1b" in text else text).strip(" \0")


def open_dataset(data: bytes, *, with_pixels: bool = False) -> tuple[Dataset | None, tuple[Finding, ...]]:
    """Read the bytes of a file (PS3.10); None where they are none.

    A deflated data set is refused: a few bytes of it can become gigabytes.
    """
    if DEFLATED in data[:META_REACHES]:
        told = Finding(
            "(0002,0010)", "transfer-syntax", "(0002,0010) is a deflated syntax; send the object uncompressed."
        )
        return None, (told,)
    try:
        with quiet():
            return pydicom.dcmread(BytesIO(data), stop_before_pixels=not with_pixels), ()
    except InvalidDicomError:
        told = Finding("file", "not-dicom", "The bytes are no DICOM file: DICM must stand at byte 128.")
    except Exception:  # what is broken fails in any way, pydicom names no common class
        told = Finding("file", "unreadable", "The DICOM file is broken or cut off; the device has to send it again.")
    return None, (told,)


class Elements:
    """Reads the elements of a data set and gathers what is wrong with them; `place` is where a nested one stands."""

    __slots__ = ("dataset", "findings", "place")

    def __init__(self, dataset: Dataset, findings: list[Finding], place: str = "") -> None:
        self.dataset, self.findings, self.place = dataset, findings, place

    def where(self, keyword: str) -> str:
        """Name an element by its tag, with the place of its item."""
        tag = pydicom.datadict.tag_for_keyword(keyword) or 0
        name = f"({tag >> 16:04X},{tag & 0xFFFF:04X})"
        return f"{self.place}.{name}" if self.place else name

    def text(self, keyword: str) -> str:
        """Return a value as text, of several the first; empty where it is absent or can't be read."""
        return next(iter(self.texts(keyword)), "")

    def texts(self, keyword: str) -> list[str]:
        """Return the values as text; of a number its digits as sent."""
        value = self._value(keyword)
        if value is None:
            return []
        several = value if isinstance(value, pydicom.multival.MultiValue | list) else [value]
        return [plain(str(getattr(one, "original_string", None) or one)) for one in several]

    def number(self, keyword: str) -> int:
        """Return a whole number; 0 where it is absent or none."""
        text = self.text(keyword)
        if text and not re.fullmatch(r"-?\d{1,12}", text):
            self.tell(keyword, "not-a-number", "must be a whole number")
            return 0
        return int(text) if text else 0

    def uid(self, keyword: str) -> str:
        """Return a UID (PS3.5, section 9); empty where what is sent is none."""
        text = self.text(keyword)
        if text and (len(text) > 64 or not re.fullmatch(r"\d+(?:\.\d+)*", text)):
            self.tell(keyword, "uid", "must be a UID: digits and dots, 64 signs at most")
            return ""
        return text

    def day(self, keyword: str) -> str:
        """Return a date (DA) as YYYYMMDD; empty where what is sent is none."""
        text = self.text(keyword).replace(".", "").replace("-", "")
        if text and not (_DAY.fullmatch(text) and "0101" <= text[4:] <= "1231"):
            self.tell(keyword, "date", "must be a date, YYYYMMDD")
            return ""
        return text

    def moment(self, day: str, time: str) -> str:
        """Return a date and a time as YYYYMMDD[HH[MM[SS]]] with the data set's own zone, if it names one."""
        date, clock = self.day(day), self.text(time).replace(":", "")
        if not date:
            return ""
        if clock and not _TIME.fullmatch(clock):
            self.tell(time, "time", "must be a time, HHMMSS")
            clock = ""
        zone = self.text("TimezoneOffsetFromUTC") if clock else ""
        return f"{date}{clock}{zone if _ZONE.fullmatch(zone) else ''}"

    def person(self, keyword: str) -> RawName | None:
        """Return a person's name as pydicom holds it, decoded."""
        value = self._value(keyword)
        first = value[0] if isinstance(value, pydicom.multival.MultiValue) and value else value
        return first if isinstance(first, RawName) else None

    def items(self, keyword: str) -> list[Elements]:
        """Return the items of a sequence."""
        value = self._value(keyword)
        found = value if isinstance(value, pydicom.Sequence) else ()
        place = self.where(keyword)
        return [Elements(item, self.findings, f"{place}[{number}]") for number, item in enumerate(found, start=1)]

    def tell(self, keyword: str, code: str, must: str) -> None:
        where = self.where(keyword)
        self.findings.append(Finding(where, code, f"{where} {must}."))

    def _value(self, keyword: str) -> object:
        try:
            with quiet():
                found = self.dataset.get(keyword)
                if isinstance(found, RawName):
                    str(found)  # it is decoded when it is first looked at
                return found
        except Exception:  # what is broken fails in any way, pydicom names no common class
            self.tell(keyword, "unreadable", "can't be read")
            return None
