"""MSH, lane and characters of the usual message, read from its bytes in a few steps; the unusual goes the long way.

A listener reads these of each message before it answers, so they bound its rate. Each function here gives what the
function of `interop.hl7v2` or `lanes` gives that it stands for; the tests compare them on any bytes.
"""

from __future__ import annotations

from functools import lru_cache

from lienthong.exchange.listening.lanes import lane_of
from lienthong.interop import hl7v2
from lienthong.interop.hl7v2 import Header

_USUAL = b"MSH|^~\\&|"
_OTHER_LANES = ("ADT", "ORM", "OML")
# In these an ASCII byte always stands for itself.
_HOLD_ASCII = frozenset(
    {"utf-8", "ascii", "gb18030", "gbk", "gb2312", "big5", "euc-kr", "cp1252", "cp1258", "latin-1"}
    | {f"iso8859-{part}" for part in (*range(1, 10), 15)}
)


def read_header(data: bytes, *, default_charset: str = "utf-8") -> Header | None:
    """Read MSH as `hl7v2.header` does."""
    end = data.find(b"\r")
    line = data[: end if end >= 0 else len(data)]
    if not _is_plain(line):
        return hl7v2.header(data, default_charset=default_charset)
    fields = line.decode("ascii").split("|")
    fields += [""] * (18 - len(fields))
    charset = _first(fields[17])
    codec = _codec(charset, default_charset)
    if codec is None or "^" in fields[17] or "&" in fields[17]:
        return hl7v2.header(data, default_charset=default_charset)
    kind = fields[8].split("~", 1)[0].split("^")
    return Header(
        sending_application=fields[2].split("~", 1)[0],
        sending_facility=fields[3].split("~", 1)[0],
        receiving_application=fields[4].split("~", 1)[0],
        receiving_facility=fields[5].split("~", 1)[0],
        message_at=_first(fields[6]),
        message_code=_first(kind[0]),
        trigger_event=_first(kind[1]) if len(kind) > 1 else "",
        message_structure=_first(kind[2]) if len(kind) > 2 else "",
        control_id=_first(fields[9]),
        control_id_as_sent=fields[9],
        processing_id=_first(fields[10]),
        version=_first(fields[11]),
        accept_acknowledgment=_first(fields[14]),
        application_acknowledgment=_first(fields[15]),
        charset=charset,
        codec=codec,
    )


def is_readable(data: bytes, header: Header) -> bool:
    """Whether the whole message is surely in its character set; false says only that it must be looked at closely."""
    if header.codec not in _HOLD_ASCII:
        return False
    if data.isascii():
        return True
    if header.codec != "utf-8":
        return False
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def read_lane(source: str, data: bytes, header: Header) -> str | None:
    """Name the lane as `lane_of` does; None where it must be looked for closely."""
    begin = data.find(b"\rOBR|")
    is_result = header.message_code not in _OTHER_LANES and header.processing_id != "Q"
    if begin < 0 or not is_result or header.delimiters != hl7v2.STANDARD or b"\n" in data or data.startswith(b"OBR"):
        return None
    fields = data[begin + 1 : begin + 600].split(b"\r", 1)[0].split(b"|", 4)
    if len(fields) < 5 or not fields[3].isascii():
        return None
    value = fields[3].split(b"^", 1)[0].decode("ascii").strip()
    return f"{source}:{value}" if value and value != '""' else None


def lane(source: str, data: bytes, text: str | None, header: Header) -> str:
    """Name the lane in the quick way, else in the long one, from the text where it is decoded already."""
    found = read_lane(source, data, header)
    if found is None:
        codec = header.codec if header.codec in _HOLD_ASCII else "latin-1"
        found = lane_of(source, data.decode(codec, errors="replace") if text is None else text, header)
    return found


def _is_plain(line: bytes) -> bool:
    if not line.startswith(_USUAL) or line.find(b"\\", 7) >= 0 or not line.isascii():
        return False
    return line.decode("ascii").isprintable()


def _first(text: str) -> str:
    """Take the first subcomponent of the first component of the first repetition."""
    if "^" in text or "~" in text or "&" in text:
        text = text.split("~", 1)[0].split("^", 1)[0].split("&", 1)[0]
    return text


@lru_cache(maxsize=256)
def _codec(charset: str, default: str) -> str | None:
    """Return the codec where it is one that keeps ASCII; None where MSH must be read the long way."""
    found = hl7v2.find_codec(charset or default)
    return found if found in _HOLD_ASCII else None
