"""The console's one app."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate, pre_migrate


class ConnectionsConfig(AppConfig):
    name = "connections"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self):
        from django.contrib.auth.signals import user_logged_in

        from connections import migrating
        from connections.console.backends import begin_session
        from connections.services.members import note_sign_in
        from connections.services.secrets import make_first_key

        pre_migrate.connect(migrating.before_migration, sender=self)
        post_migrate.connect(migrating.after_migration, sender=self)
        post_migrate.connect(make_first_key, sender=self)
        user_logged_in.connect(begin_session)
        # In place of Django's, which takes the time elsewhere.
        user_logged_in.disconnect(dispatch_uid="update_last_login")
        user_logged_in.connect(note_sign_in)
