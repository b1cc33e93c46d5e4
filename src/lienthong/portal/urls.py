from __future__ import annotations

from django.urls import path

from lienthong.core.openapi.views import serving
from lienthong.portal import api
from lienthong.portal.openapi import description
from lienthong.portal.views import notices, orders, patients, proofs, report_files, reports

app_name = "portal"
urlpatterns = [
    path("patients/", patients.patients, name="patients"),
    path("patients/<int:record_id>/", patients.patient, name="patient"),
    path("patients/<int:record_id>/emergency-access/", patients.break_glass, name="break-glass"),
    path("patients/<int:record_id>/access-log/", patients.record_access_log, name="access-log"),
    path("patients/<int:record_id>/order/", orders.order, name="order"),
    path("orders/<int:check_id>/", orders.order_check, name="order-check"),
    path("orders/<int:check_id>/again/", orders.order_check_again, name="order-check-again"),
    path("orders/<int:check_id>/receipt/", orders.order_receipt, name="order-receipt"),
    path("reports/<int:report_id>/", reports.report, name="report"),
    path("reports/<int:report_id>/versions/", reports.report_versions, name="report-versions"),
    path("p/<str:token>/", proofs.proof, name="proof"),
    path("reports/<int:report_id>/files/<int:document_id>/", report_files.report_file, name="report-file"),
    path(
        "reports/<int:report_id>/files/<int:document_id>/<str:size>/",
        report_files.report_file_picture,
        name="report-file-picture",
    ),
    path(
        "reports/<int:report_id>/images/<int:object_id>/<str:size>/", report_files.report_picture, name="report-picture"
    ),
    path("changed-results/", notices.notices, name="notices"),
    path("changed-results/<int:notice_id>/read/", notices.notice_read, name="notice-read"),
    path("cds-services", api.discovery, name="cds-services"),
    path("cds-services/openapi.json", serving(description), name="cds-openapi"),
    path("cds-services/<str:service_id>", api.service, name="cds-service"),
    path("cds-services/<str:service_id>/feedback", api.feedback, name="cds-feedback"),
]
