"""The project as an app of its own: its checks and its management commands."""

from django.apps import AppConfig


class VpnConsoleConfig(AppConfig):
    name = "vpnconsole"

    def ready(self):
        from vpnconsole import checks  # noqa: F401 - registers them
