"""The tables of the registry, one file each, in the order in which a new installation brings them."""

from lienthong.registry.imports.analytes import ANALYTES
from lienthong.registry.imports.comparability import COMPARABILITY
from lienthong.registry.imports.facilities import FACILITIES
from lienthong.registry.imports.instruments import INSTRUMENTS
from lienthong.registry.imports.laboratories import LABORATORIES
from lienthong.registry.imports.procedures import PROCEDURES
from lienthong.registry.imports.regions import REGIONS
from lienthong.registry.imports.staff import STAFF

IMPORTERS = (REGIONS, FACILITIES, LABORATORIES, STAFF, INSTRUMENTS, ANALYTES, PROCEDURES, COMPARABILITY)
