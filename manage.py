"""Django's own commands, for those who develop Lienthong."""

from __future__ import annotations

import os
import sys

from django.core.management import execute_from_command_line

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lienthong.config.settings")
execute_from_command_line(sys.argv)
