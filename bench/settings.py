"""The project's settings with baselines, and with Django's admin over the same table."""

import os

os.environ.setdefault("SECRET_KEY", "only for measuring, which keeps no secrets")

from vpnconsole.settings import *  # noqa: F403
from vpnconsole.settings import BASE_DIR, INSTALLED_APPS, TEMPLATES

ALLOWED_HOSTS = ["testserver"]
DEBUG = DEMO_MODE = False
INSTALLED_APPS = ["django.contrib.admin", *INSTALLED_APPS, "bench"]
ROOT_URLCONF = "bench.urls"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
LOGGING = {"version": 1, "disable_existing_loggers": True}
# One process uses crispy's templates instead of ours.
if os.environ.get("BENCH_STOCK"):
    TEMPLATES[0]["DIRS"] = [BASE_DIR / "bench" / "templates"]
