"""Presets of a tunnel's encryption: values of several fields of the connection form at once."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from connections.console.words import Words
from connections.domain import sections
from connections.domain.choices import (
    AuthenticationAlgorithm,
    DhGroup,
    EncryptionAlgorithm,
    IkeMode,
    IkeVersion,
    PfsGroup,
)
from connections.models import Device, Tunnel

FIELDS = tuple(
    name for name in (*sections.IKE.summary, *sections.IPSEC.summary) if not name.startswith("enable_")
)  # fmt: skip
DEFAULT: Mapping[str, str] = {name: str(Tunnel._meta.get_field(name).get_default()) for name in FIELDS}  # type: ignore[union-attr]
STRONG = {
    **DEFAULT,
    "ike_version": IkeVersion.IKEV2.value,
    "ike_mode": IkeMode.MAIN.value,
    **{f"{phase}_enc_alg": EncryptionAlgorithm.AES256.value for phase in ("ike", "ipsec")},
    **{f"{phase}_auth_alg": AuthenticationAlgorithm.SHA256.value for phase in ("ike", "ipsec")},
    "ike_pfs": DhGroup.GROUP14.value,
    "ipsec_pfs": PfsGroup.GROUP14.value,
}


def of_device(device: Device) -> Mapping[str, str]:
    """What a configured device prefers, as far as it says; the product's default for the rest."""
    offered = {name: getattr(device, name) for name in FIELDS}
    preferred = {name: value[0] if isinstance(value, list) else value for name, value in offered.items() if value}
    return DEFAULT | {name: str(value) for name, value in preferred.items()}


@dataclass(frozen=True)
class Preset:
    """A preset. `is_chosen`: the form has its values."""

    key: str
    label: Words
    values: Mapping[str, str]
    is_chosen: bool


@dataclass(frozen=True)
class PresetBar:
    """The presets of one tunnel, above its folded sections, with the weak values that the form has."""

    section: str
    tunnel: int
    presets: list[Preset]
    weak: list[str]
    address: str

    @property
    def weak_values(self) -> str:
        return ", ".join(self.weak)


def presets_of(value_of: Callable[[str], str], device: Device | None) -> list[Preset]:
    """The presets of a tunnel. `value_of` returns the text of a field."""
    offered = [("default", _("Product default"), DEFAULT), ("strong", _("Strong"), STRONG)]
    if device is not None and device.is_configured:
        offered.append(("device", _("What the device supports"), of_device(device)))
    now = {name: value_of(name) for name in FIELDS}
    return [Preset(key, label, values, dict(values) == now) for key, label, values in offered]


def with_preset(form, action: str) -> QueryDict:
    """The posted values of a form after the button `preset:KEY:TUNNEL`."""
    values = form.copy_of_posted()
    _verb, key, number = (*action.split(":"), "", "")[:3]
    for bar in form.preset_bars:
        for preset in bar.presets:
            if (str(bar.tunnel), preset.key) == (number, key):
                for name, value in preset.values.items():
                    values[f"{sections.tunnel_prefix(bar.tunnel)}-{name}"] = value
    return values
