"""Addresses of the exchange."""

from __future__ import annotations

from django.urls import URLPattern, path

from lienthong.exchange import views
from lienthong.exchange.bulk import pages as bulk
from lienthong.exchange.certification import views as certification
from lienthong.exchange.connections import views as connections
from lienthong.exchange.controls import views as control_views
from lienthong.exchange.deliveries import views as deliveries
from lienthong.exchange.imaging import views as imaging
from lienthong.exchange.outbound import views as outbound
from lienthong.exchange.quality import views as quality
from lienthong.exchange.registration import views as registration
from lienthong.exchange.terms import mapping_table_views, mapping_views
from lienthong.exchange.witnesses import views as witnesses

app_name = "exchange"
urlpatterns: list[URLPattern] = [
    path("", views.held, name="held"),
    path("held.xlsx", views.held_file, name="held-file"),
    path("replay/", views.replay_group, name="replay-group"),
    path("messages/<int:inbox_id>/", views.message, name="message"),
    path("messages/<int:inbox_id>/patient/", views.patient_fields, name="patient-fields"),
    path("messages/<int:inbox_id>/replay/", views.replay, name="replay"),
    path("messages/<int:inbox_id>/affirm/", views.affirm, name="affirm"),
    path("messages/<int:inbox_id>/set-aside/", views.set_aside, name="set-aside"),
    path("mappings/", mapping_views.mappings, name="mappings"),
    path("mappings.xlsx", mapping_views.mappings_file, name="mappings-file"),
    path("mappings/history/", mapping_views.mapping_history, name="mapping-history"),
    path("mappings/propose/", mapping_views.propose, name="propose"),
    path("mappings/table/", mapping_table_views.table, name="mapping-table"),
    path("mappings/table/preview/", mapping_table_views.preview, name="mapping-table-preview"),
    path("mappings/table.xlsx", mapping_table_views.template, name="mapping-table-template"),
    path("mappings/confirm-all/", mapping_table_views.confirm_all, name="confirm-all"),
    path("mappings/<int:mapping_id>/confirm/", mapping_views.confirm, name="confirm"),
    path("mappings/<int:mapping_id>/decline/", mapping_views.decline, name="decline"),
    path("senders/", registration.senders, name="senders"),
    path("senders.xlsx", registration.senders_file, name="senders-file"),
    path("senders/register/", registration.register, name="register-sender"),
    path("senders/try/", registration.try_message, name="try-message"),
    path("senders/of/<str:code>/", registration.sender, name="sender"),
    path("senders/of/<str:code>/change/", registration.change, name="change-sender"),
    path("systems/", connections.systems, name="systems"),
    path("systems.xlsx", connections.systems_file, name="systems-file"),
    path("systems/exports/", bulk.exports, name="exports"),
    path("systems/exports.xlsx", bulk.exports_file, name="exports-file"),
    path("systems/register/", connections.register, name="register-system"),
    path("systems/<int:system_id>/", connections.system, name="system"),
    path("systems/<int:system_id>/change/", connections.change, name="change-system"),
    path("systems/<int:system_id>/keys/", connections.add_keys, name="add-keys"),
    path("systems/<int:system_id>/keys/<int:key>/end/", connections.end_key, name="end-key"),
    path("systems/<int:system_id>/suspend/", connections.suspend, name="suspend-system"),
    path("systems/<int:system_id>/resume/", connections.resume, name="resume-system"),
    path("controls/", control_views.controls, name="controls"),
    path("controls.xlsx", control_views.controls_file, name="controls-file"),
    path("controls/propose/", control_views.propose, name="control-propose"),
    path("controls/<int:mapping_id>/confirm/", control_views.confirm, name="control-confirm"),
    path("controls/<int:mapping_id>/decline/", control_views.decline, name="control-decline"),
    path("senders/of/<str:code>/entrance-test/", certification.certification, name="certification"),
    path("senders/of/<str:code>/entrance-test/open/", certification.open_run, name="open-certification"),
    path("deliveries/", deliveries.deliveries, name="deliveries"),
    path("deliveries/hand-in/", deliveries.hand_in, name="hand-in"),
    path("deliveries/hand-in-pdf/", deliveries.hand_in_pdf, name="hand-in-pdf"),
    path("deliveries/forms/<str:name>.xlsx", deliveries.delivery_form, name="delivery-form"),
    path("deliveries/of/<str:number>/", deliveries.delivery, name="delivery"),
    path("deliveries/of/<str:number>/errors.xlsx", deliveries.delivery_errors, name="delivery-errors"),
    path("deliveries/of/<str:number>/confirm/", deliveries.confirm, name="delivery-confirm"),
    path("deliveries/of/<str:number>/discard/", deliveries.discard, name="delivery-discard"),
    path("outlets/", outbound.outlets, name="outlets"),
    path("outlets.xlsx", outbound.outlets_file, name="outlets-file"),
    path("outlets/register/", outbound.register, name="register-outlet"),
    path("outlets/of/<str:code>/", outbound.outlet, name="outlet"),
    path("outlets/of/<str:code>/dispatches.xlsx", outbound.dispatches_file, name="dispatches-file"),
    path("outlets/of/<str:code>/change/", outbound.change, name="change-outlet"),
    path("outlets/of/<str:code>/pause/", outbound.pause, name="pause-outlet"),
    path("outlets/of/<str:code>/resume/", outbound.resume, name="resume-outlet"),
    path("outlets/of/<str:code>/end/", outbound.end, name="end-outlet"),
    path("outlets/of/<str:code>/resend/", outbound.resend_all, name="resend-dead-letters"),
    path("outlets/dispatches/<int:dispatch_id>/resend/", outbound.resend, name="resend-dispatch"),
    path("outlets/dispatches/<int:dispatch_id>/close/", outbound.close, name="close-dispatch"),
    path("witnesses/", witnesses.witness_list, name="witnesses"),
    path("witnesses.xlsx", witnesses.witnesses_file, name="witnesses-file"),
    path("witnesses/add/", witnesses.add, name="add-witness"),
    path("witnesses/<int:witness_id>/remove/", witnesses.remove, name="remove-witness"),
    path("images/", imaging.images, name="images"),
    path("quality/", quality.sources, name="quality"),
    path("quality/<str:code>/", quality.source, name="source-quality"),
    path("quality/<str:code>/messages/", quality.source_messages, name="source-messages"),
    path("entrance-tests/<int:certification_id>/", certification.report, name="certification-report"),
    path("entrance-tests/<int:certification_id>/cases.zip", certification.case_files, name="certification-cases"),
    path("entrance-tests/<int:certification_id>/close/", certification.close_run, name="close-certification"),
]
