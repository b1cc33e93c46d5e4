from __future__ import annotations

app_name = "eqa"
urlpatterns = []
