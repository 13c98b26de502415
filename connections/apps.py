"""The console's one app."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate, pre_migrate


class ConnectionsConfig(AppConfig):
    name = "connections"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self):
        from connections import search

        pre_migrate.connect(search.before_migration, sender=self)
        post_migrate.connect(search.after_migration, sender=self)
