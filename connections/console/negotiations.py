"""Words for negotiations: labels of fields that either side of a tunnel has."""

from django.core.exceptions import FieldDoesNotExist
from django.utils.text import capfirst

from connections.console import panels
from connections.models import Device

# The addresses, which the two sides have under different names.
_DEVICES = {"customer_gateway_ip": "address", "gateway_ip": "peer_address"}


def side_label(name: str) -> str:
    """The label of a field of the cloud's or the device's side, as `negotiation.Difference` names it."""
    name = _DEVICES.get(name, name)
    try:
        return panels.label_of(name)
    except KeyError:
        pass
    try:
        return str(capfirst(panels.column(Device, name).verbose_name))
    except FieldDoesNotExist:
        return capfirst(name.replace("_", " "))
