"""Settings. What differs between machines comes from the environment; `.env` files are not read.

DATABASE_URL             a PostgreSQL server; without it the embedded server under LIENTHONG_DATA is used
LIENTHONG_DATA           folder of this installation's own files (default: .data in the working folder)
LIENTHONG_IMAGES         folder of the files of DICOM objects; without it images under LIENTHONG_DATA
LIENTHONG_SIGNING_KEY    secret of which the key for signed reports is made; without it one is kept under LIENTHONG_DATA
LIENTHONG_LOG_NAME       name by which the log of reports signs; without it one is made of the public key
LIENTHONG_PUBLIC_URL     address under which others reach the pages, for printed codes (default: that of the request)
LIENTHONG_SECRET_KEY     signs sessions; without it a key is made once and kept under LIENTHONG_DATA
LIENTHONG_HOSTS          comma-separated host names served (default: localhost, 127.0.0.1)
LIENTHONG_HTTPS          1 behind TLS: cookies are then sent over TLS only, and browsers come back by TLS only
LIENTHONG_DELIVERY_MB    largest delivery that is taken, in MB (default: 10)
LIENTHONG_HOOK_NETWORKS  comma-separated networks in which subscribers may be called though they are not public
LIENTHONG_HOOK_HTTP      1 lets subscribers be called without TLS
LIENTHONG_WITNESS_SECONDS  seconds after which witnesses of the log are handed its newest checkpoint (default 60)
LIENTHONG_STATEMENT_SECONDS  longest that a page or an interface lets one statement of SQL run (default: 60)
LIENTHONG_EXPORTS        folder of the files of exports; without it exports under LIENTHONG_DATA
LIENTHONG_EXPORT_DAYS    how many days they can be fetched (default: 7)
LIENTHONG_EXPORT_LINES   most resources in a file of an export (default: 100000)
LIENTHONG_PSEUDONYM_KEY  secret of which names for people are made; without it one is kept under LIENTHONG_DATA
LIENTHONG_DEMO           1 in the demonstration: pages say that their data is invented
"""

from __future__ import annotations

import os
from ipaddress import ip_network
from pathlib import Path
from typing import Any

from django.utils.translation import gettext_lazy as _

from lienthong.core.embedded import data_folder, database_settings
from lienthong.core.secrets import secret_key

PACKAGE = Path(__file__).resolve().parent.parent
DATA = data_folder()
SECRET_KEY = os.environ.get("LIENTHONG_SECRET_KEY") or secret_key(DATA)
DEBUG = False
PUBLIC_URL = os.environ.get("LIENTHONG_PUBLIC_URL", "")
IS_DEMO = os.environ.get("LIENTHONG_DEMO") == "1"
ALLOWED_HOSTS = os.environ.get("LIENTHONG_HOSTS", "localhost,127.0.0.1,[::1],testserver").split(",")
ROOT_URLCONF = "lienthong.config.urls"
WSGI_APPLICATION = "lienthong.config.wsgi.application"

APPS = ("core", "registry", "iqc", "eqa", "assessment", "results", "recognition", "exchange", "portal")
INSTALLED_APPS = [
    *(f"lienthong.{app}" for app in APPS),  # first, so that no text of Django's stands in for one of ours
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "lienthong.config.middleware.head_as_get",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "lienthong.config.middleware.LanguageOfReader",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "lienthong.config.middleware.content_security_policy",
    "lienthong.config.middleware.errors_as_pages",
]
TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "lienthong.config.navigation.frame",
            ],
            "builtins": ["lienthong.core.templatetags.numbers"],
        },
    }
]

DATABASES = {"default": database_settings(os.environ.get("DATABASE_URL"), DATA)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "core.User"
LOGIN_URL = "core:sign-in"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "recognition:register"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "lienthong.core.passwords.LongEnough", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]

LANGUAGE_CODE = "vi"
LANGUAGES = [("vi", _("Vietnamese")), ("zh-hans", _("Chinese")), ("en", _("English"))]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Asia/Ho_Chi_Minh"
FORMAT_MODULE_PATH = ["lienthong.config.formats"]
FIRST_DAY_OF_WEEK = 1
LOCALE_PATHS = [PACKAGE / "config" / "locale"]

STATIC_URL = "static/"
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
FILE_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
DELIVERY_MOST_BYTES = int(os.environ.get("LIENTHONG_DELIVERY_MB", "10")) * 1024 * 1024
DATA_UPLOAD_MAX_MEMORY_SIZE = max(10 * 1024 * 1024, DELIVERY_MOST_BYTES)
STATEMENT_SECONDS = max(1, int(os.environ.get("LIENTHONG_STATEMENT_SECONDS", "60")))
EXPORT_FOLDER = os.environ.get("LIENTHONG_EXPORTS") or str(DATA / "exports")
EXPORT_DAYS = int(os.environ.get("LIENTHONG_EXPORT_DAYS", "7"))
EXPORT_LINES = int(os.environ.get("LIENTHONG_EXPORT_LINES", "100000"))

HOOK_NETWORKS = tuple(
    ip_network(one.strip()) for one in os.environ.get("LIENTHONG_HOOK_NETWORKS", "").split(",") if one.strip()
)
HOOK_HTTP = os.environ.get("LIENTHONG_HOOK_HTTP") == "1"
WITNESS_SECONDS = max(1, int(os.environ.get("LIENTHONG_WITNESS_SECONDS", "60")))

HTTPS = os.environ.get("LIENTHONG_HTTPS") == "1"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_AGE = 10 * 60 * 60
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
SECURE_HSTS_SECONDS = 365 * 24 * 60 * 60 if HTTPS else 0
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"route": {"()": "lienthong.config.logs.RouteForAddress"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    # oauthlib writes tokens into its debug messages.
    "loggers": {
        "lienthong": {"level": "INFO"},
        "oauthlib": {"level": "WARNING"},
        "django.request": {"filters": ["route"]},
        "django.security.csrf": {"filters": ["route"]},
    },
}
