"""Two daemons that negotiate many drawn pairs of sides at once, and what can be read from them afterwards."""

import re
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from typing import NamedTuple

from connections.domain.choices import IdKind, Start
from connections.negotiation import ANY, Cloud, Device, Part
from connections.negotiation.sides import NO_PFS
from tests.lab.charon import Charon
from tests.lab.cloud import IKE_PROPOSAL
from tests.lab.draws import Draw
from tests.lab.namespaces import Namespace, namespace
from tests.lab.stage import Lab, host, text
from vpnconsole.testing.waiting import wait_for

CLOUD_END, DEVICE_END = "203.0.113.10", "203.0.113.20"
CLOUD_RANGE, DEVICE_RANGE = "198.18.0.0/16", "198.19.0.0/16"
VERSIONS = {("ikev1",): "1", ("ikev2",): "2"}
# Seconds. More than any number of negotiations takes.
PATIENCE = 60
# Packets from and to these addresses are dropped.
FIREWALL = (
    "add table ip f",
    "add set ip f closed500 { type ipv4_addr; }",
    "add set ip f closed4500 { type ipv4_addr; }",
    "add chain ip f i { type filter hook input priority 0; }",
    *(
        f"add rule ip f i ip {end} @closed{port} udp dport {port} drop"
        for port in (500, 4500)
        for end in ("saddr", "daddr")
    ),
)
# Nobody answers any more: 2 seconds of silence.
SILENT = "retransmit 3 of request"
LINE = re.compile(r"^\d+\[[A-Z]+\] <(?:(pair\d+)\|)?(\d+)> (.*)$", re.MULTILINE)
REKEYED = re.compile(r"CHILD_SA rekeying failed|outbound CHILD_SA pair\d+\{\d+\} established")
PACKET = re.compile(r"(received|sending) packet: from (\S+)\[\d+\]")
STARTED = re.compile(r"initiating (?:Main Mode |Aggressive Mode )?IKE_SA pair\d+\[(\d+)\]")


class PatientCharon(Charon):
    """A daemon that negotiates many pairs at once, so that each is slower than one alone."""

    RETRANSMIT, TRIES, REUSE, HALF_OPEN = 0.5, 6, "no", 60

    def mark(self) -> None:
        super().mark()
        self._read_to, self._lines = self.marked, list[Line]()

    def lines(self) -> list["Line"]:
        """The lines since the mark that belong to an IKE SA."""
        with self.log.open("rb") as log:
            log.seek(self._read_to)
            complete, newline, _ = log.read().rpartition(b"\n")
        self._read_to += len(complete + newline)
        self._lines += [Line(*found) for found in LINE.findall(complete.decode())]
        return self._lines

    def has_said_more(self) -> bool:
        """Whether there are lines that nobody has read yet."""
        before = len(self._lines)
        return len(self.lines()) > before

    def begun(self) -> set[str]:
        """The pairs of which a negotiation has been started here."""
        return {line.pair for line in self._lines if STARTED.search(line.message)}

    def moving(self) -> list[str]:
        """The pairs of which a negotiation is under way here, and has not been silent for long."""
        silent = {line.sa for line in self._lines if SILENT in line.message}
        return [
            sa["name"]
            for sa in self.sas()
            # One that only responds depends on the other end.
            if self.is_under_way(sa) and (text(sa, "initiator") == "yes" or text(sa, "state") == "ESTABLISHED")
            if text(sa, "uniqueid") not in silent
        ]


class Line(NamedTuple):
    """A line of a log: the name of the pair if the daemon knows it yet, the number of the IKE SA, the message."""

    pair: str
    sa: str
    message: str


@dataclass
class Heard:
    """What a daemon says of a pair's negotiations in one part, and how far they have come."""

    lines: list[str] = field(default_factory=list)
    is_phase_1_up: bool = False
    children: list[dict] = field(default_factory=list)


def identity(name: str, kind: str) -> str:
    return f"fqdn:{name}" if kind == IdKind.FQDN else name


def proposals(lists: Sequence[Sequence[str]], in_one: bool) -> list[str]:
    """Lists of algorithms as one proposal with several values each, or as a proposal for each combination."""
    words = [[IKE_PROPOSAL.get(value, "") for value in values] for values in lists]
    made = [[word for values in words for word in values]] if in_one else product(*words)
    return ["-".join(filter(None, proposal)) for proposal in made]


def cloud_configuration(draw: Draw) -> dict:
    cloud = draw.cloud
    return configuration(
        draw,
        version=VERSIONS[cloud.ike_version,],
        mode=cloud.ike_mode,
        addresses=(cloud.gateway_ip, cloud.customer_gateway_ip),
        ids=(cloud.local_id, cloud.remote_id),
        networks=(cloud.local_subnet, cloud.remote_subnet),
        ike=proposals([[cloud.ike_enc_alg], [cloud.ike_auth_alg], [cloud.ike_pfs]], False),
        esp={"esp_proposals": proposals([[cloud.ipsec_enc_alg], [cloud.ipsec_auth_alg], [cloud.ipsec_pfs]], False)},
        side=cloud,
    )


def device_configuration(draw: Draw) -> dict:
    device = draw.device
    groups = device.ipsec_pfs
    ah = {"ah_proposals": proposals([device.ipsec_auth_alg, groups], False)}
    # A proposal cannot hold "no group" beside groups.
    in_one = draw.in_one_proposal and NO_PFS not in groups
    esp = {"esp_proposals": proposals([device.ipsec_enc_alg, device.ipsec_auth_alg, groups], in_one)}
    return configuration(
        draw,
        version=VERSIONS.get(device.ike_version, "0"),
        mode=device.ike_mode,
        addresses=(device.address, device.peer_address),
        ids=(identity(device.local_id, device.local_id_kind), identity(device.remote_id, device.remote_id_kind)),
        networks=(device.local_subnet, device.remote_subnet),
        ike=proposals([device.ike_enc_alg, device.ike_auth_alg, device.ike_pfs], draw.in_one_proposal),
        esp=ah if device.uses_ah else esp,
        side=device,
        transport=device.uses_transport_mode,
    )


def configuration(
    draw: Draw, *, version, mode, addresses, ids, networks, ike, esp, side: Cloud | Device, transport: bool = False
) -> dict:
    """The argument of `load_conn`."""
    return {
        draw.name: {
            "version": version,
            "aggressive": "yes" if mode == "aggressive" else "no",
            "local_addrs": [addresses[0]],
            "remote_addrs": [addresses[1]],
            "proposals": ike,
            "rekey_time": "0s",
            "reauth_time": "0s",
            "over_time": f"{side.ike_lifetime}s",
            "dpd_delay": "3600s" if side.enable_dpd else "0s",
            "mobike": "no",
            "unique": "never",
            "local": {"auth": "psk", "id": ids[0]},
            "remote": {"auth": "psk", "id": ids[1]},
            "children": {
                draw.name: {
                    "local_ts": list(networks[0]),
                    "remote_ts": list(networks[1]),
                    **esp,
                    "mode": "transport" if transport else "tunnel",
                    "life_time": f"{side.ipsec_lifetime}s",
                    "rekey_time": "0s",
                }
            },
        }
    }


class ParallelLab:
    """A cloud and a data center with a daemon each, that negotiate as many pairs as they are given."""

    def __init__(self, stack: ExitStack, folder: Path, pairs: Sequence[Draw]):
        self.spaces: list[Namespace] = [
            stack.enter_context(namespace(f"parallel-{end}")) for end in ("cloud", "device")
        ]
        cloud, center = self.spaces
        Lab.wire(cloud, "va", CLOUD_END, center, "vb", DEVICE_END)
        for space, other, via in ((cloud, DEVICE_RANGE, DEVICE_END), (center, CLOUD_RANGE, CLOUD_END)):
            space.ip("route", "add", other, "via", via)
            for words in FIREWALL:
                space.run("nft", words)
            for name in ("all", "default"):
                space.run("sysctl", "-qw", f"net.ipv4.conf.{name}.rp_filter=0")
        self._give_addresses(pairs)
        self.cloud, self.device = self.sides = (
            PatientCharon(cloud, folder / "cloud"),
            PatientCharon(center, folder / "device"),
        )
        for side in self.sides:
            side.start()
            stack.callback(side.close)

    def _give_addresses(self, pairs: Sequence[Draw]) -> None:
        """A daemon installs policies only with addresses of its own, in the networks and as the end of the tunnel."""
        ends = {draw.cloud.gateway_ip for draw in pairs}, {draw.device.address for draw in pairs}
        for draw in pairs:
            sides = draw.cloud, draw.device
            for addresses, (own, other) in zip(ends, (sides, sides[::-1]), strict=True):
                addresses |= {host(network) for network in own.local_subnet + other.remote_subnet} - {"0.0.0.1"}
        for space, addresses in zip(self.spaces, ends, strict=True):
            space.ip_batch(f"addr add {ip}/32 dev lo" for ip in addresses)

    def reset(self) -> None:
        for side in self.sides:
            side.forget()
        for side in self.sides:
            side.hang_up()
        for side in self.sides:
            side.mark()
        for space in self.spaces:
            for port in (500, 4500):
                space.run("nft", f"flush set ip f closed{port}")

    def _close(self, pairs: Iterable[Draw]) -> None:
        """Block ports, and addresses at which the drawn sides have nobody."""
        closed: dict[int, set[str]] = {500: set(), 4500: set()}
        for draw in pairs:
            cloud, device = draw.cloud, draw.device
            if not device.udp_500_open:
                closed[500].add(device.address)
            if not device.udp_4500_open:
                closed[4500].add(device.address)
            # Nobody answers at addresses that only one side knows.
            closed[500] |= {cloud.customer_gateway_ip} - {device.address}
            closed[500] |= {device.peer_address} - {cloud.gateway_ip}
        for space, (port, addresses) in product(self.spaces, closed.items()):
            if addresses:
                space.run("nft", f"add element ip f closed{port} {{ {', '.join(sorted(addresses))} }}")

    def _load(self, pairs: Iterable[Draw]) -> None:
        for draw in pairs:
            cloud, device = draw.cloud, draw.device
            self.cloud.session.load_conn(cloud_configuration(draw))
            self.device.session.load_conn(device_configuration(draw))
            self._load_key(self.cloud, draw, cloud.psk, (cloud.local_id, cloud.remote_id))
            if device.psk:
                own = identity(device.local_id, device.local_id_kind)
                expected = identity(device.remote_id, device.remote_id_kind)
                self._load_key(self.device, draw, device.psk, (own, expected))

    @staticmethod
    def _load_key(side: Charon, draw: Draw, key: str, owners: Iterable[str]) -> None:
        owners = [owner for owner in owners if owner != ANY]
        side.session.load_shared({"id": draw.name, "type": "IKE", "data": key.encode(), "owners": owners})

    def negotiate(self, pairs: Sequence[Draw]) -> None:
        """Load all pairs, let each start that is to start, and wait until nothing moves any more."""
        self.reset()
        self._close(pairs)
        self._load(pairs)
        by_device = [draw.name for draw in pairs if draw.device.starts == Start.ITSELF]
        by_cloud = [draw.name for draw in pairs if draw.part == Part.INITIATOR]
        for side, names in zip(self.sides, (by_cloud, by_device), strict=True):
            for name in names:
                list(side.session.initiate({"ike": name, "child": name, "timeout": "-1"}))
        self._settle(set(by_cloud), set(by_device))

    def _settle(self, *started: set[str]) -> None:
        """Wait until each negotiation has begun, and has ended or is not answered any more."""
        looks = 0

        def is_still() -> bool:
            nonlocal looks
            if any([side.has_said_more() for side in self.sides]):
                looks = 0
                return False
            # Many SAs take long to list, so only some looks at quiet logs do that.
            looks += 1
            return looks % 10 == 1 and not any(left())

        def left() -> list[list[str]]:
            late = [list(names - side.begun()) for side, names in zip(self.sides, started, strict=True)]
            return late + [side.moving() for side in self.sides]

        wait_for(
            is_still,
            for_what="all negotiations have ended",
            patience=PATIENCE,
            evidence=lambda: str(left()),
        )

    def rekey(self, pairs: Iterable[Draw]) -> dict[str, bool]:
        """Renew the keys of tunnels, from either end in turn. Returns by name whether that was refused."""
        asked = [(draw.name, self.sides[draw.index % 2]) for draw in pairs]
        seen = {side: len(side.lines()) for side in self.sides}
        for name, side in asked:
            side.session.rekey({"child": name})

        def ends(name: str, side: PatientCharon) -> set[str]:
            said = (line.message for line in side.lines()[seen[side] :] if line.pair == name)
            return {found[0] for message in said if (found := REKEYED.search(message))}

        def all_ended():
            found = {name: ends(name, side) for name, side in asked}
            return found if all(found.values()) else None

        ended = wait_for(
            lambda: not asked or all_ended(), for_what="all keys are renewed or refused", patience=PATIENCE
        )
        return {name: "failed" in "".join(ended[name]) for name, _ in asked}

    def heard(self, side: PatientCharon) -> dict[tuple[str, bool], Heard]:
        """What a daemon says since the reset, by the name of the pair and whether the daemon has started."""
        names: dict[str, str] = {}
        lines: dict[str, list[str]] = {}
        started = set()
        for name, number, message in side.lines():
            lines.setdefault(number, []).append(message)
            if name:
                names[number] = name
            if packet := PACKET.match(message):
                # Without a configuration only the addresses tell which pair this is.
                names.setdefault(number, name_of(packet[2]))
            if begun := STARTED.search(message):
                # A later attempt is announced by the one that it follows.
                started.add(begun[1])
        heard: dict[tuple[str, bool], Heard] = {}
        for number, said in lines.items():
            heard.setdefault((names[number], number in started), Heard()).lines += said
        for sa in side.sas():
            number = text(sa, "uniqueid")
            one = heard[names[number], number in started]
            one.is_phase_1_up |= text(sa, "state") == "ESTABLISHED"
            one.children += [child for child in sa["child-sas"].values() if text(child, "state") == "INSTALLED"]
        return heard


def name_of(ip: str) -> str:
    """The name of the pair that has this address."""
    high, low = ip.split(".")[2:]
    return f"pair{(int(high) % 64) * 256 + int(low)}"
