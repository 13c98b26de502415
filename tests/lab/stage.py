"""The lab: a cloud and a data center, a wire between them, and the checks of a tunnel between the two."""

import itertools
import re
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from connections.models import Connection, Tunnel
from connections.peer_config import DIALECTS, Document, from_connection, generate
from connections.peer_config.dialect import value_at
from tests.lab import cloud as table
from tests.lab.charon import Charon
from tests.lab.namespaces import LabError, Namespace, namespace, run
from vpnconsole.testing import factories
from vpnconsole.testing.waiting import wait_for

CLOUD_ADDRESS, CENTER_ADDRESS = "203.0.113.10", "203.0.113.20"
# The services take the cloud's gateway addresses from this range.
GATEWAYS = "198.18.0.0/15"
CLOUD_NETWORKS = [f"10.{number}.0.0/24" for number in range(10, 15)]
CENTER_NETWORKS = [f"192.168.{number}.0/24" for number in range(50, 55)]
COUNTER = (
    "add table ip c",
    "add chain ip c i { type filter hook prerouting priority -300; }",
    "add rule ip c i iifname va ip daddr 10.0.0.0/8 counter",
)

FORWARDING = {"ip_forward": 1, "conf.all.rp_filter": 0, "conf.default.rp_filter": 0}

TALLY = Counter()


def host(cidr: str) -> str:
    """The first address of a network, which the lab configures."""
    return cidr.rsplit(".", 1)[0] + ".1"


def prepare(space: Namespace, networks: Iterable[str] = ()) -> None:
    """Make a namespace forward, with a host of each network in it."""
    for network in networks:
        space.ip("addr", "add", f"{host(network)}/24", "dev", "lo")
    words = [f"net.ipv4.{name}={value}" for name, value in FORWARDING.items()]
    space.run("sysctl", "-qw", *words)


class Lab:
    """Two sides with a daemon in each. `center` is the customer's data center."""

    # Seconds to wait for an expected state, and without a negotiation before giving up. Tests of failures use less.
    patience = 6
    silence = 1.0

    def __init__(self, stack: ExitStack, folder: Path, kind=Charon, nat: bool = False, default_route: bool = False):
        self.folder = folder
        self.cloud_space: Namespace = stack.enter_context(namespace(f"{folder.name}-cloud"))
        self.center_space: Namespace = stack.enter_context(namespace(f"{folder.name}-center"))
        outer = stack.enter_context(namespace(f"{folder.name}-nat")) if nat else self.center_space
        self.wire(self.cloud_space, "va", CLOUD_ADDRESS, outer, "vb", CENTER_ADDRESS)
        # Every address of the range is local to the cloud, without adding it to an interface.
        self.cloud_space.ip("route", "add", "local", GATEWAYS, "dev", "lo")
        outer.ip("route", "add", GATEWAYS, "via", CLOUD_ADDRESS)
        if nat:
            self.wire(outer, "vi", "172.30.0.1", self.center_space, "vc", "172.30.0.20")
            self.center_space.ip("route", "add", GATEWAYS, "via", "172.30.0.1")
            outer.run("nft", "add table ip n")
            outer.run("nft", "add chain ip n post { type nat hook postrouting priority 100; }")
            outer.run("nft", "add rule ip n post oifname vb masquerade")
        prepare(self.cloud_space, CLOUD_NETWORKS)
        prepare(self.center_space, CENTER_NETWORKS)
        if nat:
            prepare(outer)
        if default_route:
            self.center_space.ip("route", "add", "default", "via", CLOUD_ADDRESS)
        self.cloud = Charon(self.cloud_space, folder / "cloud")
        self.center = kind(self.center_space, folder / "center")
        self.sides = (self.cloud, self.center)
        # Those that show their SAs over VICI.
        self.shown = tuple(side for side in self.sides if isinstance(side, Charon))
        for side in self.sides:
            side.start()

    @staticmethod
    def wire(one: Namespace, end: str, address: str, other: Namespace, other_end: str, other_address: str) -> None:
        run("ip", "link", "add", end, "netns", one.name, "type", "veth", "peer", "name", other_end, "netns", other.name)
        for space, device, ip in ((one, end, address), (other, other_end, other_address)):
            space.ip("addr", "add", f"{ip}/24", "dev", device)
            space.ip("link", "set", device, "up")

    def reset(self) -> None:
        # First the side that would start again.
        for side in reversed(self.sides):
            side.forget()
        for side in reversed(self.sides):
            side.hang_up()
        for side in self.sides:
            side.mark()

    # --- bringing a tunnel up

    def offer(self, connection: Connection, tunnel: Tunnel | None = None) -> None:
        """Configure the cloud from the fields of the connection and its tunnel, by default the first one."""
        self.cloud.session.load_conn(table.configuration(connection, tunnel))
        self.cloud.session.load_shared(table.shared_key(connection, tunnel))

    def load(self, connection: Connection, change=lambda files: files, document: Document | None = None) -> None:
        """Load exactly what the console prints for the device of this lab, unless a test passes a change."""
        configuration = generate(DIALECTS[self.center.DIALECT], document or from_connection(connection))
        assert not configuration.refused, configuration.notes
        self.center.load_files(change(dict(configuration.files)))

    def establish(self, connection: Connection, document: Document | None = None) -> None:
        """Bring the tunnel up. Raises LabError or TooLate if that fails."""
        self.offer(connection)
        self.load(connection, document=document)
        self.await_tunnel()

    def await_tunnel(self) -> None:
        quiet_since = None

        def up():
            nonlocal quiet_since
            if self.center.installed() and self.cloud.installed():
                return True
            # The device may finish before the cloud, which still has a message to read.
            if self.center.is_busy() or self.center.installed() or not self.center.has_begun():
                quiet_since = None
            elif quiet_since is None:
                quiet_since = time.monotonic()
            elif time.monotonic() - quiet_since > self.silence:
                raise LabError("the negotiation ended without a tunnel")
            return False

        wait_for(up, for_what="a tunnel", patience=self.patience)
        TALLY["tunnels"] += 1

    # --- checking it

    def prove(self, connection: Connection, document: Document | None = None, rekey: bool = True) -> None:
        """Bring a tunnel up and check everything that both ends show."""
        document = document or from_connection(connection)
        self.check_not_loaded(connection, document)
        self.establish(connection, document)
        self.check_loaded(connection)
        self.check_ike(connection)
        self.check_children(connection)
        if rekey and connection.tunnel.ike_version == "ikev2":
            self.check_rekeying(connection)
        self.check_traffic(connection)

    @staticmethod
    def check_not_loaded(connection: Connection, document: Document, tunnel: Tunnel | None = None) -> None:
        """Check the values that no daemon here loads, so none would detect a mistake."""
        for path, value in table.not_loaded(connection, tunnel).items():
            assert value_at(document, path) == value, path

    def check_loaded(self, connection: Connection) -> None:
        """Check what no negotiation shows: names, lifetimes, dead peer detection, the key."""
        tunnel = connection.tunnel
        loaded = self.center.connections()
        assert list(loaded) == [connection.resource_id]
        conn = loaded[connection.resource_id]
        assert conn["version"].decode() == {"ikev1": "IKEv1", "ikev2": "IKEv2"}[tunnel.ike_version]
        assert conn["remote_addrs"] == [tunnel.internet_ip.encode()]
        assert conn["local-1"]["id"].decode() == (tunnel.remote_id or tunnel.customer_gateway.ip_address)
        assert conn["remote-1"]["id"].decode() == (tunnel.local_id or tunnel.internet_ip)
        cloud, center = table.selectors(connection)
        (child,) = conn["children"].values()
        assert [value.decode() for value in child["local-ts"]] == center
        assert [value.decode() for value in child["remote-ts"]] == cloud
        self.center.check_settings(connection, conn)

    def check_ike(self, connection: Connection) -> None:
        tunnel = connection.tunnel
        encryption, size = table.ENCRYPTION[tunnel.ike_enc_alg]
        for side in self.shown:
            (sa,) = side.sas()
            assert text(sa, "state") == "ESTABLISHED"
            assert text(sa, "version") == tunnel.ike_version.removeprefix("ikev")
            assert (text(sa, "encr-alg"), text(sa, "encr-keysize")) == (encryption, size)
            assert text(sa, "integ-alg") == table.INTEGRITY[tunnel.ike_auth_alg]
            assert text(sa, "prf-alg") == table.PRF[tunnel.ike_auth_alg]
            assert text(sa, "dh-group") == table.GROUP[tunnel.ike_pfs]
            began = "center" if text(sa, "initiator") == ("yes" if side is self.center else None) else "cloud"
            assert began == "center"
        mode = "aggressive" if "AGGRESSIVE" in self.cloud.tail(200) else "main"
        assert tunnel.ike_version == "ikev2" or mode == tunnel.ike_mode

    def check_children(self, connection: Connection) -> None:
        """Check that both ends have one child with the same algorithms and selectors."""
        tunnel = connection.tunnel
        networks = table.selectors(connection)
        for side, (own, other) in ((self.cloud, networks), (self.center, networks[::-1])):
            (child,) = side.installed()
            self.check_algorithms(child, tunnel)
            assert sorted(value.decode() for value in child["local-ts"]) == sorted(own)
            assert sorted(value.decode() for value in child["remote-ts"]) == sorted(other)
            # IKEv2 creates the first child with the group of phase 1.
            if tunnel.ike_version == "ikev1":
                assert text(child, "dh-group") == table.GROUP[tunnel.ipsec_pfs]

    @staticmethod
    def check_algorithms(child: dict, tunnel) -> None:
        encryption, size = table.ENCRYPTION[tunnel.ipsec_enc_alg]
        assert (text(child, "encr-alg"), text(child, "encr-keysize")) == (encryption, size)
        assert text(child, "integ-alg") == table.INTEGRITY[tunnel.ipsec_auth_alg]
        assert text(child, "mode") == "TUNNEL"
        assert text(child, "protocol") == "ESP"

    def check_rekeying(self, connection: Connection) -> None:
        """With IKEv2 only rekeying shows whether both sides agree on perfect forward secrecy."""
        before = {text(child, "spi-in") for child in self.center.installed()}
        self.center.rekey()

        def renewed():
            for side in self.sides:
                spis = {text(child, "spi-in" if side is self.center else "spi-out") for child in side.installed()}
                if not spis or spis & before:
                    return False
            return True

        wait_for(renewed, for_what="new keys", patience=self.patience)
        for side in self.sides:
            for child in side.installed():
                self.check_algorithms(child, connection.tunnel)
                assert text(child, "dh-group") == table.GROUP[connection.tunnel.ipsec_pfs]

    def check_traffic(self, connection: Connection) -> None:
        """Check that a ping through the tunnel works for every pair of networks, and that both ends count packets."""
        cloud, center = table.selectors(connection)
        if cloud == ["0.0.0.0/0"]:
            cloud, center = CLOUD_NETWORKS[:1], CENTER_NETWORKS[:1]
        before = [self.packets(side) for side in self.sides]
        pairs = list(itertools.product(center, cloud))
        for source, target in pairs:
            self.ping(host(source), host(target))
        for side, count in zip(self.sides, before, strict=True):
            assert self.packets(side) >= count + len(pairs)

    def ping(self, source: str, target: str, *patience: str) -> None:
        # Ends with the first reply, which on a busy machine may be to a later request.
        self.center_space.run("ping", "-n", "-q", "-c1", *(patience or ["-w5"]), "-I", source, target)

    @contextmanager
    def counted(self) -> Iterator[Callable[[], int]]:
        """Count the packets for the cloud's networks that reach the cloud in clear."""
        for words in COUNTER:
            self.cloud_space.run("nft", words)
        yield lambda: int(re.search(r"counter packets (\d+)", self.cloud_space.run("nft", "list table ip c").stdout)[1])
        self.cloud_space.run("nft", "delete table ip c")

    @staticmethod
    def packets(side: Charon) -> int:
        return sum(int(child["packets-in"]) for child in side.children())


def text(sa: dict, name: str) -> str | None:
    return sa[name].decode() if name in sa else None


def dual_of(*addresses: str, gateway=None, tunnel=None, blocks=(), **changed) -> Connection:
    """As `connection_of`, with two tunnels: to one device, or to each address a device. `blocks`: theirs for BGP."""
    account = factories.make_account()
    gateways = [
        factories.make_customer_gateway(account, ip_address=address, **gateway or {})
        for address in addresses or [CENTER_ADDRESS]
    ]
    sessions = [{"tunnel_cidr": block, "local_bgp_ip": host(block)} for block in blocks] or [{}, {}]
    first, second = (one | (tunnel or {}) for one in sessions)
    values = {"routing_mode": "destination", "local_subnet": [], "remote_subnet": []}
    made = factories.make_dual(account, gateways=gateways, first=first, second=second, **values | changed)
    return Connection.objects.with_parts().get(pk=made.pk)


def connection_of(tunnel=None, gateway=None, **changed) -> Connection:
    """A connection created by the services, read back as the console reads it."""
    account = factories.make_account()
    device = factories.make_customer_gateway(account, **{"ip_address": CENTER_ADDRESS} | (gateway or {}))
    values = {
        "routing_mode": "protected",
        "local_subnet": CLOUD_NETWORKS[:1],
        "remote_subnet": CENTER_NETWORKS[:1],
        "gateway": device,
        "tunnel": tunnel,
    }
    made = factories.make_connection(account, **values | changed)
    return Connection.objects.with_parts().get(pk=made.pk)
