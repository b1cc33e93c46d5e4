"""Packs as the tests read them: the two that are shipped, and a small one in which every number is easy to follow."""

from __future__ import annotations

from pathlib import Path

import pytest

from lienthong.policy import Pack, read_pack

HERE = Path(__file__).parent
PACKS = Path(__file__).parents[3] / "src" / "lienthong" / "policy" / "packs"


def texts_in(folder: Path) -> dict[str, str]:
    return {f"{folder.name}/{file.name}": file.read_text(encoding="utf-8") for file in sorted(folder.glob("*.yaml"))}


def pack_in(folder: Path) -> Pack:
    pack, findings = read_pack(texts_in(folder))
    assert not findings, "\n".join(str(finding) for finding in findings)
    assert pack is not None
    return pack


@pytest.fixture(scope="session")
def small_texts() -> dict[str, str]:
    return texts_in(HERE / "small_pack")


@pytest.fixture(scope="session")
def small() -> Pack:
    return pack_in(HERE / "small_pack")


@pytest.fixture(scope="session")
def packs() -> dict[str, Pack]:
    return {folder.name: pack_in(folder) for folder in sorted(PACKS.iterdir()) if folder.is_dir()}
