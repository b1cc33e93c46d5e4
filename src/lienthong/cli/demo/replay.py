"""Replays the input files through the same actions that pages, commands and listeners call."""

from __future__ import annotations

import datetime as dt
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from lienthong.assessment import actions as assessment
from lienthong.cli.demo import accounts, eqa_round
from lienthong.cli.demo.inputs import Inputs
from lienthong.core.actions import system_user
from lienthong.core.models import User
from lienthong.eqa import actions as eqa
from lienthong.errors import BadInput
from lienthong.exchange import actions as exchange
from lienthong.exchange import client
from lienthong.iqc import actions as iqc
from lienthong.recognition import actions as recognition
from lienthong.registry import actions as registry
from lienthong.registry import reads as registry_reads

REGISTRY_FILES = (
    *("regions", "facilities", "laboratories", "analytes"),
    *("staff", "instruments", "procedures", "comparability"),
)
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Replay:
    """One replay of a folder of input files; `progress` is told step, done and total."""

    inputs: Inputs
    progress: Progress

    def run(self, *, more_messages: Path | None = None) -> None:
        """Replay everything in the order in which it happened."""
        by, anchor = system_user("demonstration"), self.inputs.anchor
        self._registry(by, anchor)
