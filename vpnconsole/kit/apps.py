"""The kit as a Django app, for its management commands. It has no models, so no database has its tables."""

from django.apps import AppConfig


class KitConfig(AppConfig):
    name = "vpnconsole.kit"
    label = "kit"
