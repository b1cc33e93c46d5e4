"""The web application for gunicorn."""

from __future__ import annotations

import os
from importlib import import_module

from django.conf import settings
from django.core.wsgi import get_wsgi_application

from lienthong.core.collector import rest_the_collector
from lienthong.core.limits import bound_statements

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lienthong.config.settings")
application = get_wsgi_application()
bound_statements()
import_module(settings.ROOT_URLCONF)  # all that answers, before the first one asks
rest_the_collector()
