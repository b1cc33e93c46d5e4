"""Where findings on what was read of a file name elements of HL7, the elements of the file are named instead.

`row(3)-6` becomes `XML4/CHI_TIET_CLS[3]/DON_VI_DO`: who corrects the file looks for that.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from lienthong.exchange.deliveries import cn_cda, vn_xml
from lienthong.findings import Finding

PLACES: Mapping[str, Mapping[str, str]] = {
    vn_xml.MESSAGE_TYPE: vn_xml.PLACES,
    cn_cda.MESSAGE_TYPE: cn_cda.PLACES,
}
_PLACE = re.compile(r"(?P<element>[A-Za-z]+)(?:\((?P<ordinal>\d+)\))?-(?P<number>\d{1,2})(?!\d)")


def in_file(message_type: str, findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """Return findings with the places of the file that a message was read from."""
    places = PLACES.get(message_type)
    if places is None:
        return findings
    return tuple(Finding(_named(one.where, places), one.code, _named(one.message, places)) for one in findings)


def place_in_file(message_type: str, where: str) -> str:
    """Return one place in the file."""
    places = PLACES.get(message_type)
    return _named(where, places) if places else where


def _named(text: str, places: Mapping[str, str]) -> str:
    def name(found: re.Match[str]) -> str:
        place = places.get(f"{found['element']}-{found['number']}")
        return found[0] if place is None else place.replace("{ordinal}", found["ordinal"] or "1")

    return _PLACE.sub(name, text)
