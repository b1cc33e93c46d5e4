from __future__ import annotations

from django.urls import URLPattern, path

from lienthong.registry import import_views, views
from lienthong.registry.people import views as people

app_name = "registry"
urlpatterns: list[URLPattern] = [
    path("facilities/", views.facilities, name="facilities"),
    path("facilities/<int:facility_id>/", views.facility, name="facility"),
    path("procedures/<int:procedure_id>/", views.procedure, name="procedure"),
    path("people/", people.people, name="people"),
    path("people/<int:user_id>/", people.person, name="person"),
    path("people/add/", people.add, name="add-person"),
    path("people/<int:user_id>/appoint/", people.appoint, name="appoint"),
    path("people/<int:user_id>/roles/<int:binding_id>/end/", people.end_role, name="end-role"),
    path("people/<int:user_id>/close/", people.close_account, name="close-account"),
    path("import/", import_views.choose, name="import"),
    path("import/<int:file_id>/", import_views.file, name="import-file"),
    path("import/<slug:kind>/template/", import_views.template, name="import-template"),
]
