"""The platform without the extra `imaging`: everything else runs, and what needs it says what is missing."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

WITHOUT = "import sys; sys.modules.update(dict.fromkeys(('pydicom', 'pynetdicom', 'PIL', 'pylibjpeg')))"


def run(code: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "lienthong.config.settings"}
    return subprocess.run(
        [sys.executable, "-c", f"{WITHOUT}\n{code}"], env=environment, capture_output=True, text=True, timeout=300
    )


def test_web_and_worker_start() -> None:
    done = run(
        "import django; django.setup()\n"
        "import lienthong.config.urls, lienthong.exchange.urls, lienthong.portal.urls\n"
        "import lienthong.exchange.processing.worker\n"
        "print('pydicom' in {name for name, one in sys.modules.items() if one is not None})"
    )

    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "False"


def test_listener_says_what_is_missing_without_a_traceback() -> None:
    done = run("from lienthong.cli import main\nsys.argv = ['lienthong', 'exchange', 'dicom']\nsys.exit(main())")

    assert done.returncode != 0
    assert "pip install 'lienthong[imaging]'" in done.stderr + done.stdout
    assert "Traceback" not in done.stderr


def test_structured_report_waits_and_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    from lienthong import interop
    from lienthong.exchange.errors import Unstorable
    from lienthong.exchange.imaging import report_reading

    monkeypatch.setitem(sys.modules, "lienthong.interop.dicom", None)
    monkeypatch.delattr(interop, "dicom", raising=False)  # it may have been loaded before

    with pytest.raises(Unstorable) as told:
        report_reading.parse(b"", None)  # type: ignore[arg-type]  # the source is not asked

    assert told.value.reason == "dicom-unavailable"
