"""The one settings file. What differs between machines comes from the environment; each such name is listed here.

DATABASE_URL          PostgreSQL instead of the embedded SQLite file
VPNCONSOLE_DATA       folder of the embedded database and the generated keys (default: var/ in a checkout, else the
                      user's data folder)
SECRET_KEY            otherwise `migrate` generates it once into that folder
ENCRYPTION_KEYS       comma-separated Fernet keys, newest first, that seal stored secrets; otherwise generated likewise
ALLOWED_HOSTS         comma-separated; default: this machine only
DATABASE_TIMEOUT      seconds that a request waits for the database before it is refused (default 20)
DEMO_MODE             1: sign in as a persona without a password, demo data can be loaded
DEMO_MODE_PUBLIC      1: yes, also for hosts other than this machine
API_THROTTLING        1: the API refuses an account that asks more often than the product would let it
READ_ONLY_PEER_CONFIG 1: read-only members may download peer configurations, which contain the pre-shared key
DEBUG                 1: Django's developer pages
PRODUCTION            1: what `serve` sets; nothing is taken for granted (`vpnconsole.environment`)
PLAIN_HTTP            1: production without HTTPS, as in a closed network; what is sent can be read on the way
BEHIND_PROXY          1: a proxy adds X-Forwarded-Proto and X-Forwarded-For; without it they are not believed
METRICS_TOKEN         needed to read /metrics; without it only this machine may, and behind a proxy nobody
RATE_LIMIT            requests a minute and client, on this machine (production: 600; otherwise 0, which is none)
SESSION_HOURS         how long one stays signed in (default 12)
LOG_LEVEL             of the log lines (default: INFO in production, otherwise WARNING)
TRANSITION_SECONDS    how long attaching and the like take (default 2)
"""

import os
from pathlib import Path

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
# What commands are called in messages.
PROGRAM = paths.PROGRAM

PRODUCTION = flag("PRODUCTION")
DEBUG = flag("DEBUG")
DEMO_MODE = flag("DEMO_MODE")
ALLOWED_HOSTS = environment.listed(os.environ, "ALLOWED_HOSTS") or environment.LOOPBACK

SECRET_KEY_FILE = DATA_DIR / "secret-key"
# Read when it is first used, so that commands which need no key work without the file. Django refuses an empty key.
SECRET_KEY = os.environ.get("SECRET_KEY") or SimpleLazyObject(
    lambda: SECRET_KEY_FILE.read_text().strip() if SECRET_KEY_FILE.exists() else ""
)
# A list, or the file that holds them: `connections.persistence.encryption`.
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
    # Before the application: its `migrate` sets up the data folder first.
    "vpnconsole",
    "connections",
]

MIDDLEWARE = [
    # The first two see every answer, also of those that follow: errors, static files and health.
    "connections.middleware.RequestMiddleware",
    "csp.middleware.CSPMiddleware",
    "connections.health.HealthMiddleware",
    "connections.middleware.BoundsMiddleware",
    # Nothing that is made for browsers touches an API request: clients follow no redirect and hold no cookie.
    "connections.api.door.ApiDoor",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    # Of pages. Each answer gets a few random bytes more, and tokens are masked anew, so that lengths tell nothing.
    "django.middleware.gzip.GZipMiddleware",
    # Outside of sessions, so that it sees the cookie that signing in sets.
    "connections.console.middleware.NoStoreMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    # The language of the cookie, or else the one that the browser asks for.
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "connections.console.middleware.ExpiredSessionMiddleware",
    "connections.console.middleware.ConsoleMiddleware",
    "connections.console.middleware.RightsMiddleware",
    "connections.console.middleware.OnceMiddleware",
    # Deny by default: a view is for signed-in people unless it says otherwise.
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
]

ROOT_URLCONF = "vpnconsole.urls"
WSGI_APPLICATION = "vpnconsole.wsgi.application"

TEMPLATES = [
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
    # For what a page holds hundreds of: `connections.console.rendering`.
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
    # One writer at a time: take the lock when the transaction begins, and wait for it rather than fail.
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": DATABASE_TIMEOUT,
        # NORMAL would write to the disk later: a loss of power could take writes that were acknowledged.
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;",
    }

else:
    # Whoever waits longer than a person would gets a clear answer instead.
    DATABASES["default"].setdefault("OPTIONS", {})
    DATABASES["default"]["OPTIONS"].setdefault("connect_timeout", 5)
    milliseconds = round(DATABASE_TIMEOUT * 1000)
    # The lock's timeout is the shorter one, so that waiting for others is told from a statement that is slow itself.
    DATABASES["default"]["OPTIONS"].setdefault(
        "options",
        f"-c lock_timeout={milliseconds} -c statement_timeout={milliseconds + 1000} "
        "-c idle_in_transaction_session_timeout=60s",
    )

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
# Messages of success offer to show what was done as code.
MESSAGE_STORAGE = "connections.console.messages.Storage"
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "login"

SESSION_ENGINE = "connections.console.sessions"
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = round(float(os.environ.get("SESSION_HOURS", "12")) * 3600)
CSRF_FAILURE_VIEW = "connections.console.views.errors.csrf_failure"
X_FRAME_OPTIONS = "DENY"

# HTTPS is what production means, unless somebody says otherwise.
HTTPS = PRODUCTION and not flag("PLAIN_HTTP")
SECURE_SSL_REDIRECT = SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = HTTPS
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if HTTPS else 0
BEHIND_PROXY = flag("BEHIND_PROXY")
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_PROXY else None
SILENCED_SYSTEM_CHECKS = [
    # Other hosts of the domain, and browsers' built-in lists, are not this console's to decide about.
    "security.W005",
    "security.W021",
    # Said at the start instead, where PLAIN_HTTP is chosen.
    *(["security.W004", "security.W008", "security.W012", "security.W016"] if flag("PLAIN_HTTP") else []),
]

METRICS_TOKEN = os.environ.get("METRICS_TOKEN", "")
RATE_LIMIT = int(os.environ.get("RATE_LIMIT", "600" if PRODUCTION else "0"))
# Beside the numbers that the processes of a server share; each start begins anew.
CLIENTS_FILE = Path(os.environ.get("PROMETHEUS_MULTIPROC_DIR", DATA_DIR)) / "clients"
# The largest thing that is sent is a document of resources to be imported.
MAX_BODY = 8 * 1024 * 1024
DATA_UPLOAD_MAX_MEMORY_SIZE = 512 * 1024

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        # Bootstrap's arrows and ticks are data: images.
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [SELF],
        "frame-ancestors": [NONE],
    }
}

STATIC_URL = "static/"
WHITENOISE_ALLOW_ALL_ORIGINS = False
# Django's default gives everybody the right to read what is collected; the data folder is the server's alone.
FILE_UPLOAD_PERMISSIONS = 0o600
STATICFILES_DIRS = [BASE_DIR / "static"]
if PRODUCTION:
    STATIC_ROOT = DATA_DIR / "static"
    # Collected once at the start, compressed, under names that say their content: browsers keep them for good.
    STORAGES = {
        "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
        "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
    }
else:
    # The development server serves the folders themselves, so that nothing has to be collected first.
    WHITENOISE_USE_FINDERS = True

# Our widgets' templates stand with all others.
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

CRISPY_ALLOWED_TEMPLATE_PACKS = "bootstrap5"
CRISPY_TEMPLATE_PACK = "bootstrap5"
# A form that cannot be drawn is a bug to see, not an empty page.
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
    # The development server logs whole addresses, and an API request's address may hold a pre-shared key.
    "filters": {
        "without_query": {"()": "connections.api.log.WithoutQuery"},
        "no_api_refusals": {"()": "connections.api.log.NoApiRefusals"},
    },
    "handlers": {
        "server": {"class": "logging.StreamHandler", "formatter": "server"},
        "console": {"class": "logging.StreamHandler", "formatter": "json" if PRODUCTION else "plain"},
    },
    "root": {"handlers": ["console"], "level": os.environ.get("LOG_LEVEL", "INFO" if PRODUCTION else "WARNING")},
    # Django would mail errors to administrators and print them a second time.
    "loggers": {
        "django": {"handlers": [], "propagate": True},
        "django.request": {"filters": ["no_api_refusals"]},
        "django.server": {"handlers": ["server"], "filters": ["without_query"], "level": "INFO", "propagate": False},
    },
}
