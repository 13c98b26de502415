"""Accounts, users, resource groups and service-linked roles."""

from collections.abc import Collection, Iterator

from django.conf import settings
from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models.functions import Lower
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from connections import clock, ids
from connections.domain import limits, roles, rules
from connections.domain.choices import NewDevices, Role
from connections.models.base import raise_problems


class Account(models.Model):
    """A cloud account. Every other resource belongs to exactly one account."""

    uid = models.CharField(_("UID"), max_length=limits.UID_LENGTH, unique=True, default=ids.account_uid, editable=False)
    name = models.CharField(_("Name"), max_length=limits.ACCOUNT_NAME_LENGTH)
    new_devices = models.CharField(
        _("Simulated Devices of New Connections"),
        max_length=16,
        choices=NewDevices,
        default=NewDevices.BARE,
        help_text=_(
            "Configured at once: each new connection that has a gateway IP address finds a device with its peer "
            "configuration, so the tunnel comes up by itself."
        ),
    )
    # The product's API has begun to refuse new connections with a single tunnel [P170].
    refuses_single_tunnels = models.BooleanField(
        _("Refuse new connections with one tunnel"),
        default=False,
        help_text=_("As the product does by now. Connections with one tunnel that exist stay as they are."),
    )

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        raise_problems(rules.line_problems("name", self.name))

    @property
    def default_resource_group(self) -> "ResourceGroup":
        return self.resource_groups.get(is_default=True)


class User(AbstractUser):
    """A member of an account. Visitors can sign in as a demo user without a password."""

    account = models.ForeignKey(Account, models.PROTECT, related_name="users")
    role = models.CharField(_("Role"), max_length=16, choices=Role, default=Role.READ_ONLY)
    is_demo = models.BooleanField(default=False)
    # Sessions contain this number; increasing it ends all of them.
    session_epoch = models.PositiveIntegerField(default=1, editable=False)

    REQUIRED_FIELDS = ["account"]

    class Meta(AbstractUser.Meta):
        constraints = (models.UniqueConstraint(Lower("username"), name="username_once_in_any_case"),)

    def clean(self) -> None:
        super().clean()
        names = ("username", "first_name", "last_name")
        raise_problems(problem for name in names for problem in rules.line_problems(name, getattr(self, name)))

    def validate_constraints(self, exclude: Collection[str] | None = None) -> None:
        """Leave this to the service, which reports a taken user name at its field."""

    @property
    def display_name(self) -> str:
        return self.get_full_name() or self.username

    @property
    def is_let_in(self) -> bool:
        """Whether the user may sign in and act. Demo users have a documented password, so only in demo mode."""
        return self.is_active and (settings.DEMO_MODE or not self.is_demo)

    def may(self, right: roles.Right) -> bool:
        return roles.may(self.role, right)

    def get_session_auth_hash(self) -> str:
        return self._session_hash()

    def get_session_auth_fallback_hash(self) -> Iterator[str]:
        return map(self._session_hash, settings.SECRET_KEY_FALLBACKS)

    def _session_hash(self, secret: str | bytes | None = None) -> str:
        """Return the hash that a session must contain. Unlike Django's, it also changes with `session_epoch`."""
        key_salt, value = "connections.models.User.get_session_auth_hash", f"{self.session_epoch}:{self.password}"
        return salted_hmac(key_salt, value, secret=secret, algorithm="sha256").hexdigest()


class ResourceGroup(models.Model):
    """A group of resources. The form of a connection narrows CEN instances down by it."""

    resource_id = models.CharField(_("ID"), max_length=32, unique=True, default=ids.resource_group_id, editable=False)
    account = models.ForeignKey(Account, models.PROTECT, related_name="resource_groups")
    name = models.CharField(_("Name"), max_length=limits.GROUP_NAME_LENGTH)
    is_default = models.BooleanField(default=False)

    class Meta:
        ordering = ("-is_default", "name")
        constraints = (
            models.UniqueConstraint("account", condition=models.Q(is_default=True), name="one_default_group"),
            models.UniqueConstraint("account", "name", name="group_name_once"),
        )

    def __str__(self) -> str:
        # No user has chosen its name.
        return str(_("Default Resource Group")) if self.is_default else self.name

    def clean(self) -> None:
        raise_problems(rules.line_problems("name", self.name))


class ServiceLinkedRole(models.Model):
    """Lets the VPN service manage an account's network interfaces. Created once, with the first connection [P7]."""

    VPN = "AliyunServiceRoleForVpn"
    SERVICE = "vpn.aliyuncs.com"
    POLICY = "AliyunServiceRolePolicyForVpn"

    account = models.ForeignKey(Account, models.PROTECT, related_name="service_linked_roles")
    name = models.CharField(max_length=64)
    created_at = models.DateTimeField(_("Created At"), default=clock.now, editable=False)

    class Meta:
        constraints = (models.UniqueConstraint("account", "name", name="role_once"),)

    def __str__(self) -> str:
        return self.name


class SignInFailure(models.Model):
    """A failed sign-in, kept while it counts against user name and address. The user need not exist."""

    username = models.CharField(max_length=150)
    address = models.CharField(max_length=64)
    at = models.DateTimeField(default=clock.now)

    class Meta:
        indexes = (
            models.Index(fields=("username", "at"), name="failure_of_user"),
            models.Index(fields=("address", "at"), name="failure_from_address"),
        )

    def __str__(self) -> str:
        return f"{self.username} from {self.address}"
