"""Make src/lienthong/interop/hl7v2/_vietnamese_tables.py from the charmaps of the GNU C library.

    python tools/vietnamese_charsets.py /usr/share/i18n/charmaps VERSION \
        > src/lienthong/interop/hl7v2/_vietnamese_tables.py

The folder comes with Debian's package `locales`, whose version is the second argument.
"""

from __future__ import annotations

import gzip
import re
import sys
from pathlib import Path

UNDEFINED = "\ufffe"
CHARMAPS = {"VISCII": "VISCII.gz", "TCVN5712_1": "TCVN5712-1.gz"}
HEADER = '''"""Character n of each string is what byte n means; U+FFFE: nothing. Made by tools/vietnamese_charsets.py.

Source: the charmaps VISCII (RFC 1456) and TCVN5712-1 (TCVN 5712:1993) of the GNU C library, Debian's package locales
{version}.
"""

from __future__ import annotations

'''
LINE = re.compile(r"^<U([0-9A-F]{4})>\s+/x([0-9a-f]{2})\s", re.MULTILINE)


def main(folder: Path, version: str) -> None:
    blocks = [block(name, (folder / file).read_bytes()) for name, file in CHARMAPS.items()]
    print(HEADER.format(version=version) + "\n".join(blocks), end="")


def block(name: str, packed: bytes) -> str:
    """Return the table of one charmap as Python, sixteen bytes a line; sequences of two bytes are left out."""
    table = [UNDEFINED] * 256
    for code, byte in LINE.findall(gzip.decompress(packed).decode("ascii")):
        table[int(byte, 16)] = chr(int(code, 16))
    rows = ["".join(map(written, table[start : start + 16])) for start in range(0, 256, 16)]
    return "\n".join([f"{name} = (", *(f'    "{row}"' for row in rows), ")", ""])


def written(one: str) -> str:
    """Write letters and signs as they look, what can't be seen or quoted by its number."""
    return one if (one.isprintable() and one.isascii() and one not in '"\\') or one.isalpha() else f"\\u{ord(one):04x}"


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
