"""The project as a Django app, for its checks and management commands."""

from django.apps import AppConfig


class VpnConsoleConfig(AppConfig):
    name = "vpnconsole"

    def ready(self):
        from vpnconsole import checks  # noqa: F401 - registers them
