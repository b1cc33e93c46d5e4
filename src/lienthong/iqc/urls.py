from __future__ import annotations

from django.urls import path

from lienthong.iqc.views import chart, entry, files, history, systems, targets

app_name = "iqc"
RUNS, TARGETS = {"kind": "runs"}, {"kind": "targets"}
urlpatterns = [
    path("", systems.today, name="today"),
    path("systems/", systems.systems, name="systems"),
    path("laboratories/", systems.laboratories, name="laboratories"),
    path("actions/", history.history, name="history"),
    path("import/", files.bring_file, RUNS, name="import"),
    path("import/template/", files.template, RUNS, name="import-template"),
    path("import/<int:draft_id>/", files.import_file, RUNS, name="import-file"),
    path("targets/", targets.targets, name="targets"),
    path("targets/import/", files.bring_file, TARGETS, name="import-targets"),
    path("targets/import/template/", files.template, TARGETS, name="import-targets-template"),
    path("targets/import/<int:draft_id>/", files.import_file, TARGETS, name="import-targets-file"),
    path("systems/<int:procedure_id>/", chart.chart, name="chart"),
    path("systems/<int:procedure_id>/action/", chart.record_action, name="record-action"),
    path("systems/<int:procedure_id>/run/", entry.enter_run, name="enter-run"),
    path("systems/<int:procedure_id>/reset/", entry.record_reset, name="record-reset"),
    path("systems/<int:procedure_id>/lots/<int:lot_id>/", targets.correct_lot, name="correct-lot"),
    path("systems/<int:procedure_id>/results/<int:result_id>/exclude/", entry.exclude_result, name="exclude-result"),
]
