"""The settings. What differs between machines comes from these environment variables:

DATABASE_URL          PostgreSQL instead of the embedded SQLite file
VPNCONSOLE_DATA       folder of the embedded database and the generated keys (default: var/ in a checkout, else the
                      user's data folder)
SECRET_KEY            otherwise `migrate` generates it once into that folder
ENCRYPTION_KEYS       comma-separated Fernet keys, newest first, for stored secrets; otherwise generated likewise
ALLOWED_HOSTS         comma-separated; default: this machine only
DATABASE_TIMEOUT      seconds that a request waits for the database before it is refused (default 20)
DEMO_MODE             1: sign in as a persona without a password, demo data can be loaded
DEMO_MODE_PUBLIC      1: allow the demo for other machines, too
API_THROTTLING        1: the API limits the requests of an account as the product does
READ_ONLY_PEER_CONFIG 1: read-only members may download peer configurations, which contain the pre-shared key
DEBUG                 1: Django's debug pages
PRODUCTION            1: set by `serve`; unsafe settings are errors (`vpnconsole.environment`)
PLAIN_HTTP            1: production without HTTPS, for a closed network
BASE_PATH             path below which a proxy offers the console, such as /vpn; the proxy removes it
BEHIND_PROXY          1: trust X-Forwarded-Proto and X-Forwarded-For, which a proxy sets
METRICS_TOKEN         token to read /metrics; without it only this machine may, and behind a proxy nobody
RATE_LIMIT            requests per minute and client (default: 600 in production, otherwise 0 for unlimited)
SESSION_HOURS         lifetime of a session (default 12)
LOG_LEVEL             least level that is logged (default: INFO in production, otherwise WARNING)
TRANSITION_SECONDS    duration of attaching and other transitions (default 2)
KIT                   1: worlds for tests and demos, with their control endpoint (`vpnconsole.kit`); `run` sets it
KIT_TOKEN             token of that endpoint; otherwise generated once into the data folder
KIT_PUBLIC            1: allow the kit in production
KIT_WORLDS            largest number of worlds (default 200)
KIT_VISITORS          1: a public demo, in which everybody who signs in as a persona gets a world of their own
"""

import os
from pathlib import Path
from typing import Any

import dj_database_url
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.functional import SimpleLazyObject

from vpnconsole import environment, file_modes, paths


def flag(name: str) -> bool:
    return environment.flag(os.environ, name)


if unsafe := list(environment.problems(os.environ)):
    raise ImproperlyConfigured("Not started. " + " ".join(unsafe))

BASE_DIR = paths.RESOURCES
# Importing the settings writes nothing. `migrate` creates this folder and the keys in it: `vpnconsole.data_folder`.
DATA_DIR = paths.data_folder()
# The name of the program in messages.
PROGRAM = paths.PROGRAM

PRODUCTION = flag("PRODUCTION")
DEBUG = flag("DEBUG")
DEMO_MODE = flag("DEMO_MODE")
ALLOWED_HOSTS = environment.listed(os.environ, "ALLOWED_HOSTS") or environment.LOOPBACK

SECRET_KEY_FILE = DATA_DIR / "secret-key"
# Read on first use, so that commands that need no key work without the file. Django refuses an empty key.
SECRET_KEY = os.environ.get("SECRET_KEY") or SimpleLazyObject(
    lambda: SECRET_KEY_FILE.read_text().strip() if SECRET_KEY_FILE.exists() else ""
)
# A list, or the path of the key file: see `connections.persistence.encryption`.
ENCRYPTION_KEYS = environment.listed(os.environ, "ENCRYPTION_KEYS") or DATA_DIR / "encryption-keys"

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.forms",
    "django_htmx",
    "crispy_forms",
    "crispy_bootstrap5",
    "csp",
    # Before the application, so that its `migrate` replaces Django's.
    "vpnconsole",
    "connections",
]

MIDDLEWARE = [
    # The first two handle every response, including errors, static files and health checks.
    "connections.middleware.RequestMiddleware",
    "csp.middleware.CSPMiddleware",
    "connections.health.HealthMiddleware",
    "connections.middleware.BoundsMiddleware",
    # API requests pass none of the middleware for browsers: API clients follow no redirects and keep no cookies.
    "connections.api.door.ApiDoor",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    # Compresses pages. It adds random bytes, and CSRF tokens are masked each time, so that lengths reveal nothing.
    "django.middleware.gzip.GZipMiddleware",
    # Before sessions, so that it sees the cookie that signing in sets.
    "connections.console.middleware.NoStoreMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    # The language of the cookie, or else of the browser.
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "connections.console.middleware.RefusedFormMiddleware",
    "connections.console.middleware.ClientRedirectMiddleware",
    "connections.console.middleware.ConsoleMiddleware",
    "connections.console.middleware.RightsMiddleware",
    "connections.console.middleware.IdempotencyMiddleware",
    # Views require a login unless they are marked otherwise.
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
]

ROOT_URLCONF = "vpnconsole.urls"
WSGI_APPLICATION = "vpnconsole.wsgi.application"

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "connections.console.context_processors.console",
            ],
        },
    },
    # For small parts that a page contains hundreds of: see `connections.console.rendering`.
    {
        "NAME": "jinja",
        "BACKEND": "django.template.backends.jinja2.Jinja2",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {"environment": "connections.console.rendering.environment"},
    },
]

DATABASES = {
    "default": dj_database_url.config(
        default=f"sqlite:///{DATA_DIR / file_modes.DATABASE}", conn_max_age=60, conn_health_checks=True
    )
}
DATABASE_TIMEOUT = float(os.environ.get("DATABASE_TIMEOUT", "20"))
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # One writer at a time: take the lock at the beginning of a transaction, and wait for it rather than fail.
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": DATABASE_TIMEOUT,
        # With NORMAL, a power failure could lose acknowledged writes.
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;",
    }

else:
    # Requests that wait for longer than a person would get a clear answer instead.
    DATABASES["default"].setdefault("OPTIONS", {})
    DATABASES["default"]["OPTIONS"].setdefault("connect_timeout", 5)
    milliseconds = round(DATABASE_TIMEOUT * 1000)
    # The lock timeout is shorter, to distinguish waiting for other writers from a slow statement.
    DATABASES["default"]["OPTIONS"].setdefault(
        "options",
        f"-c lock_timeout={milliseconds} -c statement_timeout={milliseconds + 1000} "
        "-c idle_in_transaction_session_timeout=60s",
    )

# Nothing imports the kit unless it is switched on.
KIT = flag("KIT")
KIT_TOKEN = os.environ.get("KIT_TOKEN", "")
KIT_WORLDS = int(os.environ.get("KIT_WORLDS", "200"))
KIT_VISITORS = flag("KIT_VISITORS")
if KIT:
    INSTALLED_APPS.append("vpnconsole.kit")
    ROOT_URLCONF = "vpnconsole.kit.urls"
    # API requests enter worlds, too; health checks and rate limits are the installation's.
    MIDDLEWARE.insert(MIDDLEWARE.index("connections.api.door.ApiDoor"), "vpnconsole.kit.middleware.KitMiddleware")
    TEMPLATES[0]["OPTIONS"]["context_processors"].append("vpnconsole.kit.middleware.world")

AUTH_USER_MODEL = "connections.User"
AUTHENTICATION_BACKENDS = ["connections.console.backends.AccountBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
# Success messages have a button that shows the operation as code.
MESSAGE_STORAGE = "connections.console.message_storage.Storage"
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "login"

SESSION_ENGINE = "connections.console.sessions"
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = round(float(os.environ.get("SESSION_HOURS", "12")) * 3600)
CSRF_FAILURE_VIEW = "connections.console.views.errors.csrf_failure"
X_FRAME_OPTIONS = "DENY"
# `connections.middleware` sends it where browsers accept it.
SECURE_CROSS_ORIGIN_OPENER_POLICY = None

# Another application of the host may have cookies with Django's usual names.
BASE_PATH = environment.base_path(os.environ)
FORCE_SCRIPT_NAME = BASE_PATH or None
SESSION_COOKIE_PATH = CSRF_COOKIE_PATH = LANGUAGE_COOKIE_PATH = f"{BASE_PATH}/"
SESSION_COOKIE_NAME, CSRF_COOKIE_NAME, LANGUAGE_COOKIE_NAME = (
    name + BASE_PATH.replace("/", "_") for name in ("sessionid", "csrftoken", "django_language")
)

# Production requires HTTPS unless PLAIN_HTTP is set.
HTTPS = PRODUCTION and not flag("PLAIN_HTTP")
SECURE_SSL_REDIRECT = SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = HTTPS
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if HTTPS else 0
BEHIND_PROXY = flag("BEHIND_PROXY")
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_PROXY else None
SILENCED_SYSTEM_CHECKS = [
    # HSTS for other hosts of the domain, and preloading, are the operator's decisions.
    "security.W005",
    "security.W021",
    # Printed at the start instead, if PLAIN_HTTP is set.
    *(["security.W004", "security.W008", "security.W012", "security.W016"] if flag("PLAIN_HTTP") else []),
]

METRICS_TOKEN = os.environ.get("METRICS_TOKEN", "")
RATE_LIMIT = int(os.environ.get("RATE_LIMIT", "600" if PRODUCTION else "0"))
# Beside the metrics that a server's processes share; each start begins with an empty one.
CLIENTS_FILE = Path(os.environ.get("PROMETHEUS_MULTIPROC_DIR", DATA_DIR)) / "clients"
# The largest bodies are documents to import.
MAX_BODY = 8 * 1024 * 1024
DATA_UPLOAD_MAX_MEMORY_SIZE = 512 * 1024

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        # Bootstrap's arrows and check marks are data: images.
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [SELF],
        "frame-ancestors": [NONE],
    }
}

STATIC_URL = f"{BASE_PATH}/static/"
WHITENOISE_ALLOW_ALL_ORIGINS = False
# By default everybody may read collected files; the data folder is private.
FILE_UPLOAD_PERMISSIONS = 0o600
STATICFILES_DIRS = [BASE_DIR / "static"]
if PRODUCTION:
    STATIC_ROOT = DATA_DIR / "static"
    # Collected at the start, compressed, under names with a hash of the content, so that browsers keep them.
    STORAGES = {
        "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
        "staticfiles": {"BACKEND": "vpnconsole.static_files.CollectedFiles"},
    }
else:
    # Served from their folders without collecting them.
    WHITENOISE_USE_FINDERS = True

# Templates of our widgets are in the same folder as all others.
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

CRISPY_ALLOWED_TEMPLATE_PACKS = "bootstrap5"
CRISPY_TEMPLATE_PACK = "bootstrap5"
# A form that cannot be rendered raises an error instead of an empty page.
CRISPY_FAIL_SILENTLY = False

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("zh-hans", "简体中文")]
LANGUAGE_COOKIE_AGE = 365 * 24 * 3600
LANGUAGE_COOKIE_SAMESITE = "Lax"
LOCALE_PATHS = [BASE_DIR / "locale"]
FORMAT_MODULE_PATH = "vpnconsole.formats"
TIME_ZONE = "UTC"
USE_TZ = True

API_THROTTLING = flag("API_THROTTLING")
READ_ONLY_PEER_CONFIG = flag("READ_ONLY_PEER_CONFIG")

DEFAULT_REGION = "eu-central-1"
TRANSITION_SECONDS = float(os.environ.get("TRANSITION_SECONDS", "2"))

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "json": {"()": "vpnconsole.logs.JsonFormatter"},
        "plain": {"()": "vpnconsole.logs.PlainFormatter", "format": "{levelname} {name}: {message}", "style": "{"},
        "server": {"()": "django.utils.log.ServerFormatter", "format": "[{server_time}] {message}", "style": "{"},
    },
    # Django's development server logs whole URLs, and the URL of an API request may contain a pre-shared key.
    "filters": {
        "without_query": {"()": "connections.api.log.WithoutQuery"},
        "no_api_refusals": {"()": "connections.api.log.NoApiRefusals"},
    },
    "handlers": {
        "server": {"class": "logging.StreamHandler", "formatter": "server"},
        "console": {"class": "logging.StreamHandler", "formatter": "json" if PRODUCTION else "plain"},
    },
    "root": {"handlers": ["console"], "level": os.environ.get("LOG_LEVEL", "INFO" if PRODUCTION else "WARNING")},
    # By default Django would also mail errors to administrators and print them twice.
    "loggers": {
        "django": {"handlers": [], "propagate": True},
        "django.request": {"filters": ["no_api_refusals"]},
        "django.server": {"handlers": ["server"], "filters": ["without_query"], "level": "INFO", "propagate": False},
    },
}
