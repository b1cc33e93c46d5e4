"""Servers of tests, which leave nothing behind: of root their clusters lie outside the folder of the test."""

from __future__ import annotations

import shutil

from lienthong.core.embedded import EmbeddedServer


def discard(server: EmbeddedServer) -> None:
    """Stop a server and delete its cluster, or a later folder of the same name would find it."""
    server.stop()
    shutil.rmtree(server.home.parent, ignore_errors=True)
