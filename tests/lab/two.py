"""Two tunnels between a cloud and a device, or a device for each: a lab per tunnel, with the ends brought together.

ESP in userland has one interface per daemon. Here the interfaces are moved out of the daemons' namespaces to machines
that have them side by side, where they stand in for XFRM interfaces: what is routed into one goes through its tunnel
alone. The daemons keep the wire between them, so each tunnel can be cut.
"""

import json
import os
import re
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from connections.models import Connection
from connections.peer_config import DIALECTS, Document, generate, generate_both
from connections.peer_config.dialect import CLOUD_NETWORK
from tests.lab.charon import Charon, Starter
from tests.lab.namespaces import Namespace, namespace
from tests.lab.stage import CENTER_NETWORKS, CLOUD_ADDRESS, CLOUD_NETWORKS, GATEWAYS, Lab, prepare
from tests.lab.test_conditions import quickly, silence, speak
from vpnconsole.testing.waiting import wait_for

# Seconds, for what takes a few: a tunnel or a session that is given up, or comes back.
PATIENCE = 60.0

# What people run before they load a file: commands in its comments. Here, interfaces are there already.
COMMANDS = re.compile(r"^#   ((?:ip|sysctl) (?!(?:link|tunnel) add|-w net.ipv4.ip_forward).*)$", re.MULTILINE)
ADDED = re.compile(r"^#   ip (?:link|tunnel) add (\S+)", re.MULTILINE)
UPDOWN = re.compile(r"^ *(?:left)?updown ?= ?.*$", re.MULTILINE)


def has_both(documents: Sequence[Document]) -> bool:
    """Whether the documents are for one device."""
    return any(document.has_both for document in documents)


class Hasty:
    """A device that soon gives up a silent cloud."""

    TRIES = 3


class HastyCharon(Hasty, Charon):
    pass


class HastyStarter(Hasty, Starter):
    pass


class Tunnels:
    """The labs of two tunnels, and while they are up, the cloud and the device at the end of each."""

    def __init__(self, stack: ExitStack, folders: Sequence[Path], kind: type[Charon]):
        self.dialect = DIALECTS[kind.DIALECT]
        self.labs = [Lab(stack, folder, kind=kind) for folder in folders]
        self.sides = [side for lab in self.labs for side in lab.sides]
        for side in self.sides:
            stack.callback(side.close)
            _lend(side)

    def reset(self) -> None:
        for lab in self.labs:
            lab.reset()

    @contextmanager
    def up(self, connection: Connection, documents: Sequence[Document]) -> Iterator[None]:
        """Do what the texts say, on the device that has both or on two, and wait for both tunnels."""
        with ExitStack() as stack:
            self.cloud = stack.enter_context(_machine("zones", CLOUD_NETWORKS))
            count = 1 if has_both(documents) else 2
            self.devices = [stack.enter_context(_machine(f"device{one}", CENTER_NETWORKS)) for one in range(count)]
            self.names = []
            places = (self.devices[0], self.devices[-1])
            texts = self._texts(documents)
            for lab, device, tunnel, files in zip(self.labs, places, connection.tunnels.all(), texts, strict=True):
                lab.offer(connection, tunnel)
                stack.enter_context(_known_by(lab.center_space, tunnel.customer_gateway.ip_address))
                stack.enter_context(_moved(lab.cloud, self.cloud, f"t{tunnel.index}"))
                if connection.enable_bgp:
                    self.cloud.ip("addr", "add", f"{tunnel.local_bgp_ip}/30", "dev", f"t{tunnel.index}")
                (text, *_rest) = files.values()
                self.names += ADDED.findall(text)
                stack.enter_context(_moved(lab.center, device, self.names[-1]))
                for command in COMMANDS.findall(text.replace(CLOUD_NETWORK, "10.0.0.0/8")):
                    device.run("sh", "-c", command)
            for lab, device, files in zip(self.labs, places, texts, strict=True):
                # `ipsec` hides the names of namespaces from its daemon.
                opened = stack.enter_context(open(f"/run/netns/{device.name}"))
                entering = f"nsenter --net=/proc/{os.getpid()}/fd/{opened.fileno()}"
                # The daemon is elsewhere, and dead peer detection would take most of the test.
                lab.center.load_files(quickly({name: _run_on(entering, text) for name, text in files.items()}))
            for lab in self.labs:
                lab.await_tunnel()
            yield

    def _texts(self, documents: Sequence[Document]) -> list[dict[str, str]]:
        """The files of each tunnel."""
        made = [generate(self.dialect, document) for document in documents]
        assert not any(one.refused for one in made), made
        each = [dict(one.files) for one in made]
        if has_both(documents):
            assert generate_both(self.dialect, documents).files == each[0] | each[1]
        assert not each[0].keys() & each[1].keys()
        return each

    @contextmanager
    def cut(self, number: int) -> Iterator[None]:
        """Lose every packet of a tunnel, counted from 0."""
        spaces = (self.labs[number].cloud_space, self.labs[number].center_space)
        for space in spaces:
            silence(space)
        try:
            yield
        finally:
            for space in spaces:
                speak(space)

    def check_loaded(self, connection: Connection, documents: Sequence[Document]) -> None:
        """Check names and what no daemon loads."""
        for lab, tunnel, document in zip(self.labs, connection.tunnels.all(), documents, strict=True):
            lab.check_not_loaded(connection, document, tunnel)
            assert list(lab.center.connections()) == [f"{connection.resource_id}-{tunnel.index}"]


def _lend(side: Charon) -> None:
    """Set the daemon's interface aside to be moved. The daemon wants one of that name for a route that nothing uses."""
    space = side.namespace
    space.ip("link", "set", "ipsec0", "down")
    space.ip("link", "set", "ipsec0", "name", "lent")
    space.ip("tuntap", "add", "dev", "ipsec0", "mode", "tun")
    side.mark()
    space.ip("link", "set", "ipsec0", "up")
    wait_for(lambda: "interface ipsec0 activated" in side.tail(), for_what="the daemon sees the other interface")


@contextmanager
def _moved(side: Charon, space: Namespace, name: str) -> Iterator[None]:
    """Move the interface of a daemon to a machine under the name that it has there."""
    side.namespace.ip("link", "set", "lent", "netns", space.name, "name", name)
    space.ip("link", "set", name, "up")
    try:
        yield
    finally:
        space.ip("link", "set", name, "netns", side.namespace.name, "name", "lent")


@contextmanager
def _known_by(space: Namespace, address: str) -> Iterator[None]:
    """Let the device's packets come from its customer gateway's address."""
    space.ip("addr", "replace", f"{address}/24", "dev", "vb")
    space.ip("route", "replace", GATEWAYS, "via", CLOUD_ADDRESS, "src", address)
    try:
        yield
    finally:
        space.ip("route", "replace", GATEWAYS, "via", CLOUD_ADDRESS)


@contextmanager
def _machine(role: str, networks: Sequence[str]) -> Iterator[Namespace]:
    with namespace(role) as space:
        prepare(space, networks)
        yield space


def _run_on(entering: str, text: str) -> str:
    """The text with the command for a tunnel that comes or goes run on the device."""
    return UPDOWN.sub(lambda line: re.sub(r"\bip (?=link|route)", f"{entering} ip ", line[0]), text)


def hops(space: Namespace, network: str, *where: str) -> set[str]:
    """The interfaces that packets for a network leave by, without those that are down."""
    found = set()
    for route in json.loads(space.ip("-j", "route", "show", network, *where) or "[]"):
        for hop in route.get("nexthops", [route]):
            if "dev" in hop and not {"dead", "linkdown"} & set(hop.get("flags", [])):
                found.add(hop["dev"])
    return found


class Ping:
    """A ping that goes on in the background."""

    def __init__(self, space: Namespace, folder: Path, source: str, target: str):
        self.log = folder / "ping.log"
        with self.log.open("w") as log:
            words = ("ping", "-n", "-i", "0.1", "-I", source, target)
            self.process = space.start(*words, stdout=log)

    def await_more(self) -> None:
        """Wait until a ping that is sent from now on is answered."""
        answered = self.answered
        wait_for(
            lambda: self.answered > answered + 1,
            for_what="more answers",
            patience=PATIENCE,
            evidence=self.log.read_text,
        )

    @property
    def answered(self) -> int:
        return self.log.read_text().count(" bytes from ")
