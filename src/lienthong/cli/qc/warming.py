"""Numba and its compiled loops, loaded by a thread of their own while the file is read.

They take longer to load than ten million results to judge; reading waits for the disk and for Arrow, which lets
other threads run.
"""

from __future__ import annotations

from threading import Thread

# What codes are judged as if they fit: loops are compiled, and loaded, for each kind of integer.
NARROW = {"series": "int32", "run": "int32", "level": "int8", "segment": "int32", "lot": "int32"}


def warm() -> Thread:
    """Begin to load; the thread that is returned is done when judging can begin."""
    thread = Thread(target=_load, daemon=True)  # a file that can't be read ends the command at once
    thread.start()
    return thread


def _load() -> None:
    import numpy as np

    from lienthong.metrology import westgard

    one = np.ones(2)
    series, run, level = (np.zeros(2, dtype=NARROW[key]) for key in ("series", "run", "level"))
    westgard.evaluate(one, one, one, series=series, run=run, level=level)
