"""What pages show of simulated devices: settings in sections, differences from the cloud, traffic."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from connections.console.negotiations import with_phase
from connections.console.panels import Panel, Row, asn_text, column
from connections.console.words import Words, on_or_off, rate_text, value_text
from connections.domain import device_sections, sections
from connections.models import Device
from connections.negotiation import End
from connections.services.devices import Comparison

ENDS = {
    End.DEVICE: gettext_lazy("Traffic from the data center"),
    End.CLOUD: gettext_lazy("Traffic from the cloud"),
}
# Settings that users copy: addresses, identities and AS numbers.
COPIED = (
    "address", "peer_address", "local_id", "remote_id", "local_asn", "local_bgp_ip", "peer_asn", "peer_bgp_ip",
    "router_id", "bgp_source_ip", "local_subnet", "remote_subnet",
)  # fmt: skip
# The rates that the page offers, in bit/s.
RATES = (100_000, 1_000_000, 10_000_000, 100_000_000, 1_000_000_000)


def in_words(name: str, value: object) -> str:
    """A setting's value in words: labels of choices, both spellings of AS numbers."""
    field = column(Device, name)
    if isinstance(value, int) and name.endswith("_asn"):
        return asn_text(value)
    return value_text(dict(field.flatchoices).get(value, value) if field.choices and value else value)


def label_of(name: str) -> Words:
    return column(Device, name).verbose_name


def full_label(name: str) -> str:
    """The label with the phase."""
    return with_phase(name, label_of(name))


def device_panels(device: Device) -> list[Panel]:
    """All sections with the settings that apply."""
    deciders = {name: getattr(device, name) for name in device_sections.DECIDERS}
    kept = device.keys_held
    panels = []
    for section in device_sections.SECTIONS:
        names = [name for name in section.fields if device_sections.applies(name, deciders)]
        panels.append(Panel(section.key, section.title, [_row(device, name, kept) for name in names]))
    return panels


def _row(device: Device, name: str, kept: Iterable[str]) -> Row:
    if name in sections.SECRETS:
        return Row(name, label_of(name), name, "secret") if name in kept else Row(name, label_of(name), _("None"))
    value = getattr(device, name)
    if name in COPIED and value:
        # Of an AS number only the usual spelling.
        return Row(name, label_of(name), value_text(value), "copy")
    if isinstance(value, list):
        return Row(name, label_of(name), in_words(name, value), "mono")
    if isinstance(value, bool):
        return Row(name, label_of(name), on_or_off(value))
    return Row(name, label_of(name), in_words(name, value))


@dataclass(frozen=True)
class Side:
    """A line of the comparison of the cloud with the device."""

    name: str
    label: Words
    cloud: str
    device: str
    differs: bool
    is_address: bool


def comparison_rows(comparisons: Iterable[Comparison]) -> list[Side]:
    """The lines of the comparison, those that differ first."""
    rows = [
        Side(
            one.name,
            full_label(one.name),
            in_words(one.name, one.cloud),
            in_words(one.name, one.device),
            one.differs,
            one.name in COPIED and not one.name.endswith("_asn"),
        )
        for one in comparisons
    ]
    return sorted(rows, key=lambda row: not row.differs)


@dataclass(frozen=True)
class Sender:
    """One end, with what it sends steadily; blank if nothing. `idle`: as `idle_reason`."""

    end: End
    label: Words
    steadily: str
    idle: str


def idle_reason(device: Device) -> str:
    """Why a device can neither restart nor send, as the id of the text on its page; blank if it can."""
    if not device.is_configured:
        return "not-configured"
    return "" if device.is_on else "is-off"


def senders(device: Device) -> list[Sender]:
    """Both ends with their steady traffic."""
    steady = {one.sender: one for one in device.surroundings.traffic if one.until is None}
    return [
        Sender(
            end,
            label,
            rate_text(steady[end].bits) if end in steady else "",
            idle_reason(device) if end == End.DEVICE else "",
        )
        for end, label in ENDS.items()
    ]
