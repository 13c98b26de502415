"""List the users of the demo."""

from django.core.management.base import BaseCommand

from connections import demo
from connections.models import User


class Command(BaseCommand):
    help = "List the personas of the demo."

    def handle(self, *args, **options):
        for user in User.objects.filter(is_demo=True).select_related("account").order_by("id"):
            self.stdout.write(
                f"Persona {user.username}: {user.display_name} of {user.account.name}, UID {user.account.uid}, "
                f"{user.get_role_display()}"
            )
        for tenant in demo.TENANTS:
            pair = f"{tenant.access_key_id}, secret {tenant.access_key_secret}"
            self.stdout.write(f"API access key of {tenant.name}: {pair}")
        self.stdout.write(f"One click signs in; the password is {demo.PASSWORD}")
