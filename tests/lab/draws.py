"""Pairs of sides, drawn at random from a seed: a cloud within what the form allows, and a device with a few changes.

Every pair has addresses, identities and networks of its own, so that many of them negotiate at once in two daemons.
"""

import itertools
from collections.abc import Callable
from dataclasses import dataclass, replace
from random import Random

from connections.domain.choices import (
    AuthenticationAlgorithm,
    DhGroup,
    EncryptionAlgorithm,
    IdKind,
    IkeMode,
    IkeVersion,
    PfsGroup,
    Start,
)
from connections.domain.limits import LIFETIME_MAX
from connections.negotiation import ANY, Cloud, Device, Part
from connections.negotiation.decisions import part_of
from tests.mirrored import mirror

# All pairs; the usual run takes those of PLANNED.
COUNT = 2000
OPTIONS = {
    "ike_enc_alg": EncryptionAlgorithm,
    "ike_auth_alg": AuthenticationAlgorithm,
    "ike_pfs": DhGroup,
    "ipsec_enc_alg": EncryptionAlgorithm,
    "ipsec_auth_alg": AuthenticationAlgorithm,
    "ipsec_pfs": PfsGroup,
}
MODES = {
    "main": (IkeVersion.IKEV1, IkeMode.MAIN),
    "aggressive": (IkeVersion.IKEV1, IkeMode.AGGRESSIVE),
    "ikev2": (IkeVersion.IKEV2, IkeMode.MAIN),
}
ANYWHERE = ("0.0.0.0/0",)


@dataclass(frozen=True)
class Draw:
    """A pair of sides. `in_one_proposal` is how the device writes lists: all values in one proposal, or one each."""

    index: int
    mode: str
    changes: tuple[str, ...]
    cloud: Cloud
    device: Device
    in_one_proposal: bool

    @property
    def part(self) -> Part | None:
        """The part that the model gives the cloud."""
        return part_of(self.cloud, self.device, self.cloud.effect_immediately, self.device.starts == Start.ITSELF)

    def __str__(self) -> str:
        return f"{self.name}, {self.mode}, changed: {', '.join(self.changes) or 'nothing'}"

    @property
    def is_v1(self) -> bool:
        return self.cloud.ike_version == IkeVersion.IKEV1

    @property
    def name(self) -> str:
        return f"pair{self.index}"


def address(index: int, net: int, other: int = 0) -> str:
    """An address of the pair; `other` is another one at the same end."""
    return f"198.{net}.{(index >> 8) + 64 * other}.{index & 255}"


def block(index: int, end: int, number: int) -> str:
    """One of eight neighboring networks of an end: 0 is the cloud, 1 the data center."""
    return f"10.{128 * end + (index >> 5)}.{(index & 31) * 8 + number}.0/24"


class Drawing:
    """The random choices of one pair."""

    def __init__(self, index: int, random: Random):
        self.index, self.random = index, random

    def some(self, options) -> tuple[str, ...]:
        return tuple(self.random.sample([str(option) for option in options], self.random.choice((1, 1, 2, 3))))

    def lifetime(self) -> int:
        return self.random.choice((0, 3600, LIFETIME_MAX, self.random.randrange(600, LIFETIME_MAX)))

    def identity(self, end: str) -> str:
        number = self.random.randrange(1000)
        names = (f"{end}{number}.pair{self.index}.example.com", f"{end}{number}@pair{self.index}.example.com")
        return self.random.choice((f"10.255.{self.index >> 8}.{self.index & 255}", *names))

    def cloud(self, mode: str, starts: bool) -> Cloud:
        version, exchange = MODES[mode]
        ends = {"gateway_ip": address(self.index, 18), "customer_gateway_ip": address(self.index, 19)}
        networks = {}
        if self.random.random() < 0.8:
            for end, name in enumerate(("local_subnet", "remote_subnet")):
                count = 1 if version == IkeVersion.IKEV1 else self.random.choice((1, 1, 2, 3))
                networks[name] = tuple(block(self.index, end, number) for number in range(count))
        return Cloud(
            **ends,
            **networks,
            **{name: str(self.random.choice(list(options))) for name, options in OPTIONS.items()},
            ike_version=str(version),
            ike_mode=str(exchange),
            ike_lifetime=self.lifetime(),
            ipsec_lifetime=self.lifetime(),
            psk=f"right-{self.random.getrandbits(64):x}",
            local_id=self.random.choice((ends["gateway_ip"], self.identity("cloud"))),
            remote_id=self.random.choice((ends["customer_gateway_ip"], self.identity("device"))),
            enable_dpd=self.random.random() < 0.8,
            enable_nat_traversal=self.random.random() < 0.8,
            effect_immediately=starts,
        )

    def other(self, name: str, device: Device) -> dict:
        """Other values of a list, which may contain the cloud's."""
        values = before = getattr(device, name)
        while values == before:
            values = self.some(OPTIONS[name])
        return {name: values}

    def versions(self, device: Device) -> dict:
        return {"ike_version": tuple(self.random.sample([str(version) for version in IkeVersion], 2))}

    def networks(self, device: Device) -> dict:
        """Networks that lie within the cloud's, contain them, are more or fewer of them, or lie elsewhere."""
        name, end = self.random.choice((("remote_subnet", 0), ("local_subnet", 1)))
        before = getattr(device, name)
        wider = block(self.index, end, 0).replace("/24", "/21")
        narrower = block(self.index, end, 0).replace("/24", "/25")
        found = self.random.choice(
            (
                {name: (wider,)},
                {name: (narrower,)},
                {name: (narrower, block(self.index, end, 5))},
                {name: ANYWHERE},
                {name: tuple(block(self.index, end, number) for number in range(3))},
                {name: (*before[1:], block(self.index, end, 4))},
                {name: (block(self.index, end, 4), *before)},
            )
        )
        return found if found != {name: before} else {name: (block(self.index, end, 7),)}

    def transport(self, device: Device) -> dict:
        """Transport mode for networks: without any, it is for the ends of the tunnel."""
        networks = {}
        if ANYWHERE in (device.local_subnet, device.remote_subnet):
            networks = {"local_subnet": (block(self.index, 1, 0),), "remote_subnet": (block(self.index, 0, 0),)}
        return {"uses_transport_mode": True, **networks}


Change = Callable[[Drawing, Device], dict]


def other(name: str) -> Change:
    return lambda drawing, device: drawing.other(name, device)


# What is changed on the device, in the order in which the rows look at it.
CHANGES: dict[str, Change] = {
    "port 500": lambda drawing, device: {"udp_500_open": False},
    "source": lambda drawing, device: {"address": address(drawing.index, 19, other=1)},
    "target": lambda drawing, device: {"peer_address": address(drawing.index, 18, other=1)},
    "version": lambda drawing, device: {
        "ike_version": tuple(str(version) for version in IkeVersion if version != device.ike_version[-1])
    },
    "versions": Drawing.versions,
    "mode": lambda drawing, device: {
        "ike_mode": next(str(mode) for mode in IkeMode if mode != device.ike_mode),
    },
    **{name: other(name) for name in ("ike_enc_alg", "ike_auth_alg", "ike_pfs")},
    "NAT traversal": lambda drawing, device: {"enable_nat_traversal": not device.enable_nat_traversal},
    "port 4500": lambda drawing, device: {"is_behind_nat": True, "udp_4500_open": False},
    "key": lambda drawing, device: {"psk": f"wrong-{drawing.random.getrandbits(64):x}"},
    "no key": lambda drawing, device: {"psk": ""},
    "own identity": lambda drawing, device: {"local_id": drawing.identity("other"), "local_id_kind": ""},
    "expected identity": lambda drawing, device: {"remote_id": drawing.identity("other"), "remote_id_kind": ""},
    "any identity": lambda drawing, device: {"remote_id": ANY, "remote_id_kind": ""},
    "own type": lambda drawing, device: {"local_id_kind": str(IdKind.FQDN)},
    "expected type": lambda drawing, device: {"remote_id_kind": "" if device.remote_id == ANY else str(IdKind.FQDN)},
    "lifetime 1": lambda drawing, device: {"ike_lifetime": drawing.lifetime()},
    "lifetime 2": lambda drawing, device: {"ipsec_lifetime": drawing.lifetime()},
    "networks": Drawing.networks,
    "other networks": lambda drawing, device: {"remote_subnet": (block(drawing.index, 0, 7),)},
    "swapped networks": lambda drawing, device: {
        "local_subnet": device.remote_subnet,
        "remote_subnet": device.local_subnet,
    },
    "ipsec_pfs": other("ipsec_pfs"),
    "AH": lambda drawing, device: {"uses_ah": True},
    "transport": Drawing.transport,
    "ipsec_enc_alg": other("ipsec_enc_alg"),
    "ipsec_auth_alg": other("ipsec_auth_alg"),
    "DPD": lambda drawing, device: {"enable_dpd": not device.enable_dpd},
}
# Whether the cloud starts, and when the device does.
STARTS = ((True, Start.NEVER), (False, Start.ITSELF), (True, Start.ITSELF))
_EVERY = [
    *itertools.combinations(CHANGES, 2),
    *itertools.combinations(CHANGES, 1),
    *[()] * len(MODES) * len(STARTS),
]
# Every two changes, every change alone, and no change for every mode and whoever starts, in an order of chance.
PLANNED: list[tuple[str, ...]] = Random("15").sample(_EVERY, len(_EVERY))  # noqa: S311 - the same pairs every time


def draw(index: int) -> Draw:
    random = Random(f"15-{index}")  # noqa: S311 - the same pair every time
    if index < len(PLANNED):
        mode = list(MODES)[index % len(MODES)]
        starts = STARTS[index // len(MODES) % len(STARTS)]
        changes = PLANNED[index]
    else:
        mode = random.choice(list(MODES))
        starts = random.choice((*STARTS * 10, (False, Start.NEVER), (False, Start.TRAFFIC)))
        changes = tuple(random.sample(list(CHANGES), random.choice((0, 1, 1, 2, 2, 3))))
    drawing = Drawing(index, random)
    cloud = drawing.cloud(mode, starts[0])
    device = mirror(cloud, starts=starts[1])
    for change in changes:
        device = replace(device, **CHANGES[change](drawing, device))
    return Draw(index, mode, changes, cloud, device, random.random() < 0.5)
