"""XML as hospitals send it: bytes of any of their character sets in, safe trees of plain values out.

A document type declaration is refused, so that there are no entities, and nothing is ever fetched. Faults are findings
whose place begins with the name that the caller gives (`file`, `XML4`).
"""

from lienthong.interop.sent_xml._charset import readable
from lienthong.interop.sent_xml._tree import Node, elements, parse, root_name

__all__ = ["Node", "elements", "parse", "readable", "root_name"]
