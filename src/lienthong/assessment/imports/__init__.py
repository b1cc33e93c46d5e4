"""The tables of assessments, one file each."""

from lienthong.assessment.imports.levels import LEVELS
from lienthong.assessment.imports.scopes import SCOPES

IMPORTERS = (LEVELS, SCOPES)
