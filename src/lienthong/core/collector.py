"""Python's cyclic garbage collector in processes of service."""

from __future__ import annotations

import gc

ALLOCATIONS_BETWEEN_LOOKS = 200_000


def rest_the_collector() -> None:
    """Let the cyclic garbage collector look rarely, and never at what is loaded by now; for processes of service.

    A batch of messages makes hundred thousands of objects, hardly one of them in a cycle, and all are gone at its end
    by their counts. Looking at them again and again took a third of a worker's time.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(ALLOCATIONS_BETWEEN_LOOKS, 20, 20)
