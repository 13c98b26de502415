"""Both sides of a negotiation beside each other: what differs, and what they have in common."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property, lru_cache

from connections.domain.choices import IkeMode, IkeVersion
from connections.domain.rules import PREFERENCES
from connections.negotiation.sides import ANY, HIDDEN, LARGEST_PACKET, Cloud, Device, Identity, IdKind, Part, network


@dataclass(frozen=True, slots=True)
class Difference:
    """A field of the cloud's side, its value, and what the device has. Keys are hidden."""

    field: str
    cloud: str
    device: str


@dataclass(frozen=True, slots=True)
class Selectors:
    """The networks that both sides agree on, cloud and data center."""

    local: tuple[str, ...]
    remote: tuple[str, ...]


# Fields of the cloud's side that have another name on the device.
MIRRORED = {
    "gateway_ip": "peer_address",
    "customer_gateway_ip": "address",
    "local_id": "remote_id",
    "remote_id": "local_id",
    "local_subnet": "remote_subnet",
    "remote_subnet": "local_subnet",
}
# Fields that only a device has: what the cloud has, what the device has if the field is false, and if it is true.
DEVICE_ONLY = {
    "udp_500_open": ("open", "blocked", "open"),
    "udp_4500_open": ("open", "blocked", "open"),
    "esp_open": ("open", "blocked", "open"),
    "uses_ah": ("esp", "esp", "ah"),
    "uses_transport_mode": ("tunnel", "tunnel", "transport"),
    "commit_bit": ("off", "off", "on"),
    "has_odd_hash": ("standard", "standard", "its own"),
    "has_odd_dpd": ("hash, notify", "hash, notify", "notify, hash"),
    "sa_per_pair": ("one for all", "one for all", "one each pair"),
    "is_policy_based": ("off", "off", "on"),
    "has_source_nat": ("off", "off", "on"),
    "is_behind_nat": ("no", "no", "yes"),
}


def shown(value: object) -> str:
    """A value of a side as text."""
    if isinstance(value, bool):
        return "on" if value else "off"
    return ", ".join(value) if isinstance(value, tuple) else str(value)


@lru_cache(maxsize=4096)
def overlaps(one: tuple[str, ...], other: tuple[str, ...]) -> tuple[str, ...]:
    """What two lists of networks have in common: the smaller one of each pair that overlaps."""
    pairs = ((network(left), network(right)) for left in one for right in other)
    common = (max(pair, key=lambda block: block.prefixlen) for pair in pairs if pair[0].overlaps(pair[1]))
    return tuple(dict.fromkeys(map(str, common)))


def unlimited_last(lifetime: int) -> float:
    """A lifetime in seconds, to compare with others: 0 has no limit."""
    return lifetime or float("inf")


def shorter(*lifetimes: int) -> int:
    """The shorter of two lifetimes in seconds; 0 if both have no limit."""
    return min(filter(None, lifetimes), default=0)


class Pair:
    """Both sides in one negotiation, and which part the cloud takes; None if nobody starts.

    Questions about the device need a device: rows that ask them come after C1.
    """

    def __init__(self, cloud: Cloud, device: Device | None, part: Part | None):
        self.cloud = cloud
        self.part = part
        self.has_device = device is not None
        self._device = device

    @property
    def device(self) -> Device:
        if self._device is None:
            raise ValueError("no device is configured")
        return self._device

    @cached_property
    def is_v1(self) -> bool:
        return self.cloud.ike_version == IkeVersion.IKEV1

    @property
    def is_main(self) -> bool:
        return self.is_v1 and self.cloud.ike_mode == IkeMode.MAIN

    @property
    def is_aggressive(self) -> bool:
        return self.is_v1 and self.cloud.ike_mode == IkeMode.AGGRESSIVE

    @property
    def starts_at_device(self) -> bool:
        return self.part == Part.RESPONDER

    @property
    def misses_the_cloud(self) -> bool:
        """Whether the device starts and its packets go to another address than the cloud's."""
        return self.starts_at_device and self.device.peer_address != self.cloud.gateway_ip

    def differs(self, name: str) -> bool:
        """Whether the device does not have the cloud's value, or does not offer it in its list."""
        ours, theirs = getattr(self.cloud, name), getattr(self.device, name)
        if self.starts_at_device and (
            (name == "ike_pfs" and self.is_aggressive) or (name == "ipsec_pfs" and self.is_v1)
        ):
            # The key exchange is in the first message, so only the device's first group counts.
            theirs = theirs[:1]
        return ours not in theirs if name in PREFERENCES else ours != theirs

    def only_differs(self, name: str, among: tuple[str, ...]) -> bool:
        return [field for field in among if self.differs(field)] == [name]

    @cached_property
    def identities(self) -> dict[str, tuple[Identity, Identity]]:
        """What the cloud has and what the device has, for each of the cloud's two identities."""
        cloud, device = self.cloud, self.device
        return {
            "remote_id": (Identity.of(cloud.remote_id), Identity.of(device.local_id, device.local_id_kind)),
            "local_id": (Identity.of(cloud.local_id), Identity.of(device.remote_id, device.remote_id_kind)),
        }

    def accepts_any(self, name: str) -> bool:
        return name == "local_id" and self.device.remote_id == ANY

    def identity_differs(self, name: str) -> bool:
        ours, theirs = self.identities[name]
        return ours.text != theirs.text and not self.accepts_any(name)

    def identity_kind_differs(self, name: str) -> bool:
        ours, theirs = self.identities[name]
        return ours.text == theirs.text and ours.kind != theirs.kind and not self.accepts_any(name)

    def has_name_as_identity(self, name: str) -> bool:
        """Whether either side has something else than an address for this identity."""
        both = self.identities[name]
        return any(identity.kind != IdKind.ADDRESS for identity in (both[:1] if self.accepts_any(name) else both))

    @cached_property
    def agreed(self) -> Selectors | None:
        """The networks of the tunnel; None if the two sides have none in common."""
        cloud, device = self.cloud, self.device
        local = overlaps(cloud.local_subnet, device.remote_subnet)
        remote = overlaps(cloud.remote_subnet, device.local_subnet)
        return Selectors(local, remote) if local and remote else None

    @cached_property
    def has_equal_networks(self) -> bool:
        cloud, device = self.cloud, self.device
        return all(
            set(map(network, ours)) == set(map(network, theirs))
            for ours, theirs in (
                (cloud.local_subnet, device.remote_subnet),
                (cloud.remote_subnet, device.local_subnet),
            )
        )

    @property
    def has_several_networks(self) -> bool:
        sides = (self.cloud, self.device)
        return any(len(networks) > 1 for side in sides for networks in (side.local_subnet, side.remote_subnet))

    @property
    def floats(self) -> bool:
        """Whether NAT on the way moves both sides to UDP 4500."""
        return self.device.is_behind_nat and self.device.enable_nat_traversal and self.cloud.enable_nat_traversal

    def difference(self, name: str) -> Difference:
        if name in DEVICE_ONLY:
            ours, false, true = DEVICE_ONLY[name]
            return Difference(name, ours, true if getattr(self.device, name) else false)
        if name == "psk":
            return Difference(name, HIDDEN, HIDDEN)
        if name == "ipsec_kilobytes":
            return Difference(name, "0", shown(self.device.ipsec_kilobytes))
        if name == "mtu":
            return Difference(name, str(LARGEST_PACKET), shown(self.device.mtu))
        theirs = getattr(self.device, MIRRORED.get(name, name))
        return Difference(name, shown(getattr(self.cloud, name)), shown(theirs))

    def disagrees(self, name: str) -> bool:
        """Whether a field that a row looks at is one of those that caused the row."""
        if not self.has_device:
            return False
        if name in DEVICE_ONLY:
            difference = self.difference(name)
            return difference.cloud != difference.device
        if name in self.identities:
            ours, theirs = self.identities[name]
            is_refused_name = self.is_main and ours.kind != IdKind.ADDRESS
            return is_refused_name or (ours != theirs and not self.accepts_any(name))
        if name in ("local_subnet", "remote_subnet"):
            theirs = getattr(self.device, MIRRORED[name])
            return set(map(network, getattr(self.cloud, name))) != set(map(network, theirs)) or len(theirs) > 1
        if name in MIRRORED:
            return getattr(self.cloud, name) != getattr(self.device, MIRRORED[name])
        return name in ("ipsec_kilobytes", "mtu") or self.differs(name)

    def differences(self, names: Iterable[str]) -> tuple[Difference, ...]:
        return tuple(self.difference(name) for name in names if self.disagrees(name))
