"""`python -m lienthong`: the same as the `lienthong` command."""

from __future__ import annotations

from lienthong.cli import main

main()
