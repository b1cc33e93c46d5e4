"""What the database itself forbids of files and images beside reports."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction
from tests.factories.exchange import message
from tests.integration.exchange.conftest import make_scene

from lienthong.results.models import Report, ReportDocument


@pytest.mark.django_db
def test_place_of_a_message_is_one_version_of_a_file() -> None:
    make_scene().process(message())
    report = Report.objects.get()
    same = {
        "report": report,
        "inbox_id": report.inbox_id,
        "key": "k",
        "place": "OBX(2)",
        "recorded_at": report.released_at,
    }
    ReportDocument.objects.create(**same, kind="file")

    with pytest.raises(IntegrityError, match="results_reportdocument_once"), transaction.atomic():
        ReportDocument.objects.create(**same, kind="file")
