"""The create form, filled with the values of another connection."""

from django import forms
from django.http import QueryDict

from connections.console.forms.base import send
from connections.console.forms.connections import ConnectionForm, TunnelPart
from connections.console.forms.outline import flat, plain_of
from connections.domain.choices import AssociateResource
from connections.models import Connection

# Secrets, and values that only one connection can have.
NOT_CLONED = {"psk", "tunnel_cidr", "local_bgp_ip", "resource_group"}


def form_like(stored: Connection, tunnel_count: int = 0) -> ConnectionForm:
    """A form of a new connection with the values of a stored one, except those in NOT_CLONED.

    It has as many tunnels as the stored one, or `tunnel_count`; a second tunnel that is not stored is like the first.
    """
    tunnels = list(stored.tunnels.all())
    blank = ConnectionForm(stored.account, stored.region, tunnel_count=tunnel_count or len(tunnels))
    values = QueryDict(mutable=True)
    attachment = stored.living_attachment
    if attachment is not None and attachment.is_foreign:
        # The form does not offer another account's transit router.
        attachment = None
    for html_name, (part, name) in blank.places():
        if name in NOT_CLONED:
            continue
        if name == "associate_resource":
            values[html_name] = AssociateResource.CEN if attachment else AssociateResource.NONE
        elif name == "tags":
            values.setlist("tag_key", [tag.key for tag in stored.tags.all()])
            values.setlist("tag_value", [tag.value for tag in stored.tags.all()])
        elif name == "name":
            values[html_name] = f"{stored.name}-copy"[:100] if stored.name else ""
        else:
            tunnel = tunnels[min(part.instance.index, len(tunnels)) - 1] if isinstance(part, TunnelPart) else None
            owner = next((row for row in (stored, tunnel, attachment) if hasattr(row, name)), None)
            if owner is not None:
                send(values, part.fields[name], html_name, getattr(owner, name))
            elif isinstance(part.fields[name], forms.BooleanField):
                values[html_name] = "on" if part.fields[name].initial else ""
    form = ConnectionForm(stored.account, stored.region, values=values, tunnel_count=blank.tunnel_count)
    form.automatic = {name: flat(plain_of(field, form.shown_value(name))) for name, field in form.fields.items()}
    return form.again(form.proposals("enable_bgp"))
