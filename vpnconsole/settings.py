"""The one settings file. What differs between machines comes from the environment; each such name is listed here.

DATABASE_URL          PostgreSQL instead of the embedded SQLite file
VPNCONSOLE_DATA       folder of the embedded database and the generated keys (default: var/)
SECRET_KEY            otherwise generated once into that folder
ENCRYPTION_KEYS       comma-separated Fernet keys, newest first, that seal stored secrets; otherwise generated likewise
ALLOWED_HOSTS         comma-separated; default: this machine only
DEMO_MODE             1: sign in as a persona without a password, demo data can be loaded
DEMO_MODE_PUBLIC      1: yes, also for hosts other than this machine
READ_ONLY_PEER_CONFIG 1: read-only members may download peer configurations, which contain the pre-shared key
DEBUG                 1: Django's developer pages
TRANSITION_SECONDS    how long attaching and the like take (default 2)
"""

import os
from pathlib import Path

import dj_database_url
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.core.management.utils import get_random_secret_key


def flag(name: str) -> bool:
    return os.environ.get(name, "0").lower() in ("1", "true", "yes")


BASE_DIR = Path(__file__).resolve().parent.parent
DATA_DIR = Path(os.environ.get("VPNCONSOLE_DATA", BASE_DIR / "var"))

DEBUG = flag("DEBUG")
DEMO_MODE = flag("DEMO_MODE")
LOOPBACK = ["localhost", "127.0.0.1", "[::1]"]
ALLOWED_HOSTS = [host for host in os.environ.get("ALLOWED_HOSTS", "").split(",") if host] or LOOPBACK

# Personas sign in without a password. A WSGI server runs no system checks, so the mistake is caught here.
if DEMO_MODE and not set(ALLOWED_HOSTS) <= set(LOOPBACK) and not flag("DEMO_MODE_PUBLIC"):
    raise ImproperlyConfigured(
        "DEMO_MODE lets anybody in. To offer it to other machines on purpose, set DEMO_MODE_PUBLIC=1."
    )


def generated_secret_key() -> str:
    """A key of this installation's own, readable by its owner only."""
    path = DATA_DIR / "secret-key"
    if not path.exists():
        DATA_DIR.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            file.write(get_random_secret_key())
    return path.read_text()


SECRET_KEY = os.environ.get("SECRET_KEY") or generated_secret_key()
# A list, or the file that holds them: `connections.vault`.
ENCRYPTION_KEYS = [key for key in os.environ.get("ENCRYPTION_KEYS", "").split(",") if key] or (
    DATA_DIR / "encryption-keys"
)

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
    "connections",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
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
                "connections.console.context.console",
            ],
        },
    }
]

DATABASES = {
    "default": dj_database_url.config(
        default=f"sqlite:///{DATA_DIR / 'console.sqlite3'}", conn_max_age=60, conn_health_checks=True
    )
}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # One writer at a time: take the lock when the transaction begins, and wait for it rather than fail.
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
    }

AUTH_USER_MODEL = "connections.User"
AUTHENTICATION_BACKENDS = ["connections.console.backends.AccountBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
# Messages of success offer to show what was done as code.
MESSAGE_STORAGE = "connections.console.messages.Storage"
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "login"

SESSION_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "connections.console.views.errors.csrf_failure"
X_FRAME_OPTIONS = "DENY"

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
STATIC_ROOT = DATA_DIR / "static"
# WhiteNoise warns about a folder that is not there yet.
STATIC_ROOT.mkdir(parents=True, exist_ok=True)
STATICFILES_DIRS = [BASE_DIR / "static"]
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
TIME_ZONE = "UTC"
USE_TZ = True

READ_ONLY_PEER_CONFIG = flag("READ_ONLY_PEER_CONFIG")

DEFAULT_REGION = "eu-central-1"
TRANSITION_SECONDS = float(os.environ.get("TRANSITION_SECONDS", "2"))

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"console": {"class": "logging.StreamHandler"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
}
