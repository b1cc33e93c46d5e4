"""Make src/lienthong/interop/ucum/_atoms.py from the UCUM table.

    python tools/ucum_atoms.py ucum-essence.xml > src/lienthong/interop/ucum/_atoms.py

The table is published by the UCUM Organization (https://ucum.org); the wheel `ucumvert` carries a copy in
`ucumvert/vendor/`.
"""

from __future__ import annotations

import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

SPACE = "{http://unitsofmeasure.org/ucum-essence}"
HEADER = '''"""UCUM prefixes, base units and unit atoms, case sensitive. Made by tools/ucum_atoms.py.

Source: ucum-essence.xml, version {version} of {date}. This product includes a portion of the UCUM table, UCUM codes and
UCUM definitions, or is derived from it, subject to a license from Regenstrief Institute, Inc. and the UCUM
Organization; a copy is at https://ucum.org/license.
"""

from __future__ import annotations

'''


def main(path: Path) -> None:
    root = ElementTree.parse(path).getroot()  # noqa: S314 - a file that the maintainer names
    print(HEADER.format(version=root.get("version"), date=root.get("revision-date")), end="")
    print("PREFIXES = {")
    for prefix in root.iter(f"{SPACE}prefix"):
        print(f'    "{prefix.get("Code")}": "{value_of(prefix).get("value")}",')
    print("}\n")
    base = ", ".join(f'"{unit.get("Code")}"' for unit in root.iter(f"{SPACE}base-unit"))
    print(f"BASE_UNITS = frozenset({{{base}}})\n")
    print("# code: (value, unit, flags); m takes a prefix, a is arbitrary, s has the function named as its unit.")
    print("ATOMS = {")
    for unit in root.iter(f"{SPACE}unit"):
        print(f'    "{unit.get("Code")}": {row(unit)},')
    print("}")


def row(unit: ElementTree.Element) -> str:
    value = value_of(unit)
    function = value.find(f"{SPACE}function")
    marks = (("m", "isMetric"), ("a", "isArbitrary"), ("s", "isSpecial"))
    flags = "".join(mark for mark, name in marks if unit.get(name) == "yes")
    if function is not None:
        return f'("1", "{function.get("name")}", "{flags}")'
    return f'("{value.get("value")}", "{value.get("Unit")}", "{flags}")'


def value_of(element: ElementTree.Element) -> ElementTree.Element:
    found = element.find(f"{SPACE}value")
    if found is None:
        raise ValueError(f"{element.get('Code')} has no value")
    return found


if __name__ == "__main__":
    main(Path(sys.argv[1]))
