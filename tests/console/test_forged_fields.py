"""Mass assignment: forms ignore fields that they do not show."""

import pytest
from django.apps import apps
from django.urls import reverse

from connections.domain import sections
from connections.models import Tunnel, User
from connections.models.base import Resource
from tests.console.test_double_click import FORMS, filled, led_to
from tests.console.test_double_click import estate as estate
from vpnconsole.testing.pages import main_form

OURS = apps.get_app_config("connections").get_models
# Forms that create something: the page, and values.
CREATE = {
    "customer-gateway-create": (["region_id"], {"name": "new", "ip_address": "203.0.113.77"}),
    "connection-create": (["region_id"], {"name": "new"}),
    "cen-create": ([], {"name": "new"}),
    "transit-router-create": (["cen"], {"name": "new", "region_id": "cn-beijing"}),
    "attachment-create": (["cen", "router"], {"zone": "eu-central-1a"}),
}
STAMP = "2001-02-03T04:05:06Z"


def columns() -> set[str]:
    """Every column of every table, to be posted with every form that lacks it."""
    ours = [column for model in OURS() for column in model._meta.concrete_fields]
    return {name for column in ours for name in (column.name, column.attname)}


def forged(name: str, bob) -> str:
    """A recognizable value."""
    if name in ("account", "account_id", "user", "user_id"):
        return str(bob.account.pk)
    if name in ("id", "pk"):
        return "987654"
    if name.startswith(("is_", "enable_")):
        return "on"
    if name.endswith("_at") or name in ("at", "last_login", "date_joined", "transition_ends", "payer_since"):
        return STAMP
    if name.endswith("_ip") or name == "ip_address":
        return "198.51.100.99"
    if name in ("asn", "local_asn", "session_epoch", "revision", "index"):
        return "64999"
    return "forged"


@pytest.mark.parametrize("name", [*FORMS, *CREATE])
def test_columns_that_are_not_on_the_form_are_not_taken_from_it(console, alice, bob, estate, name):
    if name in CREATE:
        arguments, values = CREATE[name]
        where = reverse(name, args=[estate[argument] for argument in arguments])
        form = main_form(console.get(where).content.decode())
        if name == "connection-create":
            values = values | {"tunnel1-customer_gateway": estate["unused"]}
        if name == "attachment-create":
            values = values | {"connection": estate["free"]}
        form |= {field: [value] for field, value in values.items()}
    else:
        where, form = filled(console, name, estate)
    before = {model: set(model._base_manager.values_list("pk", flat=True)) for model in OURS()}
    extra = {column: [forged(column, bob)] for column in columns() if column not in form}
    assert len(extra) > 50
    # Fields of tunnels have a prefix.
    extra |= {f"tunnel1-{column}": value for column, value in extra.items() if f"tunnel1-{column}" not in form}
    if name == "connection-create":
        # The form validates fields that the page does not show, such as a switch that is off.
        own = {*sections.CONNECTION_FIELDS, *sections.TUNNEL_FIELDS, *sections.ATTACHMENT_FIELDS}
        extra = {column: value for column, value in extra.items() if column.removeprefix("tunnel1-") not in own}
    answer = console.post(where, form | extra)
    assert led_to(answer), answer.content[-3000:]
    for model in OURS():
        rows = model._base_manager.all()
        assert not rows.filter(pk=987654).exists(), model
        names = {column.name for column in model._meta.concrete_fields}
        if "account" in names:
            made = rows.exclude(pk__in=before[model])
            assert set(made.values_list("account", flat=True)) <= {alice.account.pk}, model
        for column in names & {"created_at", "at", "last_login", "date_joined", "payer_since"}:
            assert not rows.filter(**{column: STAMP}).exists(), (model, column)
        if issubclass(model, Resource):
            assert not rows.filter(resource_id="forged").exists(), model
    assert not Tunnel.objects.filter(internet_ip="198.51.100.99").exists()
    # Nobody has gained a role.
    assert not User.objects.filter(is_superuser=True).exists()
    assert not User.objects.filter(is_staff=True).exists()
    assert set(User.objects.filter(is_demo=True)) <= {alice, bob}
    assert not User.objects.filter(session_epoch=64999).exists()
