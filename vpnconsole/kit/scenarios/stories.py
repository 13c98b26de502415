"""Troubleshooting stories: a tunnel that somebody has set up in a way that does not work, or not quite.

Each has the cloud's side, the settings in which the device differs from the peer configuration, what has happened,
and what is seen when the world begins.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from connections.messages import Message
from connections.messages import message as _
from connections.models import Connection, TransitRouter
from connections.negotiation import Code, End
from connections.services import devices
from vpnconsole.kit.scenarios.building import (
    Scenario,
    actor,
    ago,
    backbone,
    connection,
    gateway,
    load_accounts,
    load_device,
    set_unjudged,
    tunnel,
)

NAME = "data-center"
ADDRESS = "203.0.113.20"
_NETWORKS = {"routing_mode": "protected", "local_subnet": ["10.10.0.0/16"], "remote_subnet": ["192.168.50.0/24"]}
_SEVERAL = {
    "routing_mode": "protected",
    "local_subnet": ["10.10.0.0/16", "10.20.0.0/16"],
    "remote_subnet": ["192.168.50.0/24", "192.168.51.0/24"],
}
_BGP = {"enable_bgp": True, "local_asn": 64800}
_SESSION = {"tunnel_cidr": "169.254.11.0/30", "local_bgp_ip": "169.254.11.1"}
_CHECK = {"health_check": True, "health_check_sip": "10.10.0.10", "health_check_dip": "192.168.50.1"}
_PREFIXES = {"announced": ["192.168.50.0/24"]}


@dataclass(frozen=True)
class Seen:
    """What is seen of a tunnel when the world begins: its row, code, notes, and the rows of session and check."""

    row: str = "N1"
    code: str = ""
    notes: tuple[str, ...] = ()
    bgp: str = ""
    health: str = ""


@dataclass(frozen=True)
class Story:
    """`device` and `second`: settings of the devices besides the peer configuration; a second one means two tunnels.

    `minutes`: how long ago the devices were set. `happens`: what happened after that.
    """

    name: str
    title: Message
    about: Message
    seen: tuple[Seen, ...]
    connection: Mapping[str, Any] = field(default_factory=dict)
    tunnel: Mapping[str, Any] = field(default_factory=dict)
    device: Mapping[str, Any] = field(default_factory=dict)
    second: Mapping[str, Any] | None = None
    unjudged: Mapping[str, Any] = field(default_factory=dict)
    minutes: int = 45
    happens: Callable[[Connection], None] = lambda made: None

    def load(self) -> None:
        load_accounts()
        self.tell(backbone(days=9), NAME, ADDRESS)

    def tell(self, to: TransitRouter, name: str, address: str, block: int = 0) -> None:
        """Make the connection and what has happened to it, as one of several with a third number of its BGP block."""
        with ago(days=9):
            one = gateway(name, address, 65010)
            gateways = [one] if self.second is None else [one, one]
            own = {**self.tunnel}
            if block and "tunnel_cidr" in own:
                own |= {"tunnel_cidr": f"169.254.{block}.0/30", "local_bgp_ip": f"169.254.{block}.1"}
            made = connection(name, gateways, to, [own] * len(gateways), **self.connection)
        with ago(minutes=self.minutes):
            load_device(made, 1, **self.device)
            if self.second is not None:
                load_device(made, 2, **self.second)
            if self.unjudged:
                set_unjudged(made, **self.unjudged)
        self.happens(made)


def _steadily(made: Connection, **bits: int) -> None:
    """Traffic from either end, in bit/s, since a while."""
    with ago(minutes=40):
        for end, rate in bits.items():
            devices.send(actor(), tunnel(made), End(end), rate, steadily=True)


def _power_cut(made: Connection) -> None:
    for index in (1, 2):
        with ago(minutes=40):
            devices.send(actor(), tunnel(made, index), End.CLOUD, 4_000_000, steadily=True)
    with ago(minutes=30):
        devices.switch(actor(), tunnel(made), on=False)


STORIES = (
    Story(
        "the-space-at-the-end",
        _("The space at the end"),
        _("The key was pasted with a blank at its end."),
        (Seen("H7", Code.PSK_MISMATCH),),
        _NETWORKS,
        {"psk": "Autumn-Harbour-41"},
        unjudged={"psk": "Autumn-Harbour-41 "},
    ),
    Story(
        "behind-the-branch-router",
        _("Behind the branch router"),
        _("The device is behind NAT and sends its private address as identity."),
        (Seen("H3", Code.PEER_ID_MISMATCH),),
        _NETWORKS,
        device={"is_behind_nat": True, "local_id": "192.168.1.2"},
    ),
    Story(
        "only-the-first-network-answers",
        _("Only the first network answers"),
        _("Several networks, and a device with one SA for each pair."),
        (Seen(notes=("U3",)),),
        _SEVERAL,
        device={"sa_per_pair": True},
    ),
    Story(
        "every-eight-hours",
        _("Every eight hours"),
        _("The device has a shorter lifetime, does not renew keys, and counts kilobytes."),
        (Seen(notes=("U5", "U6")),),
        _NETWORKS,
        device={"ipsec_lifetime": 28800, "rekeys": False, "ipsec_kilobytes": 4_608_000},
    ),
    Story(
        "fine-until-tomorrow",
        _("Fine until tomorrow"),
        _("PFS groups differ with ikev2: it works until the keys are renewed."),
        (Seen("U1", Code.PFS_MISMATCH, ("U1",)),),
        _NETWORKS,
        {"ipsec_lifetime": 3600},
        {"ipsec_pfs": ["group14"]},
        minutes=57,
    ),
    Story(
        "phase-2-is-green-and-bgp-is-not",
        _("Phase 2 is green and BGP is not"),
        _("The device has another AS number than its customer gateway."),
        (Seen(bgp="S7"),),
        _BGP,
        _SESSION,
        {"local_asn": 65011} | _PREFIXES,
    ),
    Story(
        "bgp-needs-its-own-addresses",
        _("BGP needs its own addresses"),
        _("The device's networks do not carry the two addresses of the BGP session."),
        (Seen(notes=("U2",), bgp="S2"),),
        _BGP,
        _SESSION,
        {"local_subnet": ["192.168.50.0/24"], "remote_subnet": ["10.10.0.0/16"]} | _PREFIXES,
    ),
    Story(
        "the-probe-that-never-comes-home",
        _("The probe that never comes home"),
        _("The data center has no route back to the source of the health check."),
        (Seen(health="W5"),),
        _NETWORKS | _CHECK,
        device={"probe_routed_back": False},
    ),
    Story(
        "the-new-firewall-refuses-group-2",
        _("The new firewall refuses group 2"),
        _("The device accepts stronger algorithms only."),
        (Seen("F4", Code.ALGORITHM_MISMATCH),),
        _NETWORKS,
        device={"ike_enc_alg": ["aes256"], "ike_auth_alg": ["sha256"], "ike_pfs": ["group14"]},
    ),
    Story(
        "ping-works-the-web-does-not",
        _("Ping works, the web does not"),
        _("Large packets do not fit into the tunnel."),
        (Seen(notes=("U13",)),),
        _NETWORKS,
        device={"mtu": 1500},
    ),
    Story(
        "two-tunnels-taking-turns",
        _("Two tunnels taking turns"),
        _("A policy-based device cannot tell its two tunnels apart."),
        (Seen("U4", Code.RECEIVE_DELETE_NOTIFY), Seen("U4", Code.RECEIVE_DELETE_NOTIFY, ("U4",))),
        _NETWORKS,
        device={"is_policy_based": True},
        second={"is_policy_based": True},
    ),
    Story(
        "it-came-up-although-it-is-wrong",
        _("It came up although it is wrong"),
        _("The device's networks contain those of the cloud's side."),
        (Seen(notes=("U2",)),),
        _NETWORKS,
        device={"local_subnet": ["192.168.0.0/16"], "remote_subnet": ["10.0.0.0/8"]},
    ),
    Story(
        "one-way-only",
        _("One way only"),
        _("Source NAT rewrites what should enter the tunnel."),
        (Seen(notes=("U14",)),),
        _NETWORKS,
        device={"has_source_nat": True},
        happens=partial(_steadily, cloud=3_000_000, device=3_000_000),
    ),
    Story(
        "the-address-changed-overnight",
        _("The address changed overnight"),
        _("The line in the data center got another address."),
        (Seen("C2", Code.PEER_MISMATCH),),
        _NETWORKS,
        device={"address": "203.0.113.77"},
    ),
    Story(
        "version-auto",
        _("Version: auto"),
        _("The device begins with ikev1 and never tries ikev2."),
        (Seen("D1", Code.IKE_VERSION_MISMATCH),),
        _NETWORKS,
        device={"ike_version": ["ikev1"]},
    ),
    Story(
        "established-and-nothing-learned",
        _("Established and nothing learned"),
        _("No policy of the device lets prefixes out."),
        (Seen(bgp="S11"),),
        _BGP,
        _SESSION,
        {"bgp_exports": False} | _PREFIXES,
    ),
    Story(
        "the-device-is-dead-and-the-console-is-green",
        _("The device is dead and the console is green"),
        _("A power cut, and DPD is off: the tunnel looks healthy, and nothing passes."),
        (Seen("U8", notes=("U8",)), Seen()),
        _NETWORKS,
        {"enable_dpd": False},
        second={},
        happens=_power_cut,
    ),
)
SCENARIOS = tuple(Scenario(f"story-{story.name}", story.about, story.load, title=story.title) for story in STORIES)
