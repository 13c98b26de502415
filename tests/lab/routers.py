"""Real BGP daemons in a namespace: FRR and BIRD, each with nothing but the given configuration."""

import json
import re
import shutil
import tempfile
from pathlib import Path

from tests.lab.namespaces import LabError, Namespace, run
from vpnconsole.testing.waiting import wait_for

FRR = Path("/usr/lib/frr")


class Router:
    """A BGP daemon on one side. The user that it runs as can access its folder."""

    def __init__(self, namespace: Namespace):
        self.namespace = namespace
        self.folder = Path(tempfile.mkdtemp(prefix="vpnlab-"))
        self.folder.chmod(0o755)
        self.processes = []

    def close(self) -> None:
        for process in reversed(self.processes):
            self.namespace.stop(process)
        shutil.rmtree(self.folder)


class Bird(Router):
    @staticmethod
    def check(path: Path) -> None:
        """Check a file with BIRD's parser."""
        run("bird", "-p", "-c", path)

    def start(self, content: str) -> None:
        path = self.folder / "bird.conf"
        path.write_text(content)
        self.check(path)
        self.processes.append(self.namespace.start("bird", "-f", "-c", path, "-s", self.folder / "bird.ctl"))
        wait_for((self.folder / "bird.ctl").exists, for_what="BIRD answers")

    def ask(self, *words) -> str:
        return run("birdc", "-r", "-s", self.folder / "bird.ctl", *words, check=False).stdout

    @property
    def established(self) -> int:
        """How many sessions are established."""
        return self.ask("show", "protocols").count("Established")

    @property
    def neighbors(self) -> list[str]:
        """The router IDs of the other ends of the sessions."""
        return re.findall(r"Neighbor ID: +(\S+)", self.ask("show", "protocols", "all"))

    @property
    def learned(self) -> set[str]:
        """The networks learned over the session, which have an origin and an AS path."""
        networks = re.findall(r"^([0-9.]+/[0-9]+) .*\[(?:AS[0-9]+)?[ie?]\]$", self.ask("show", "route"), re.MULTILINE)
        return set(networks)


class Frr(Router):
    """zebra and bgpd, configured through vtysh as on a device."""

    @staticmethod
    def check(path: Path) -> None:
        """Check a file with FRR's parser."""
        done = run("vtysh", "-C", "-f", path)
        if "%" in done.stdout + done.stderr:
            raise LabError(done.stdout + done.stderr)

    def start(self, content: str) -> None:
        shutil.chown(self.folder, "frr", "frr")
        blank = self.folder / "blank.conf"
        blank.write_text("! configured through vtysh\n")
        for name in ("zebra", "bgpd"):
            words = [FRR / name, "-f", blank, "-u", "frr", "-g", "frr", "-i", self.folder / f"{name}.pid"]
            words += ["-z", self.folder / "zserv.api", "--vty_socket", self.folder, "-P", "0"]
            self.processes.append(self.namespace.start(*words))
            wait_for((self.folder / f"{name}.vty").exists, for_what=f"{name} answers")
        path = self.folder / "console.conf"
        path.write_text(content)
        self.check(path)
        done = run("vtysh", "--vty_socket", self.folder, "-f", path)
        if "%" in done.stdout + done.stderr:
            raise LabError(done.stdout + done.stderr)

    def tell(self, command: str) -> str:
        return run("vtysh", "--vty_socket", self.folder, "-c", command).stdout

    def ask(self, command: str) -> dict:
        return json.loads(self.tell(f"{command} json") or "{}")

    @property
    def established(self) -> int:
        """How many sessions are established."""
        peers = self.ask("show bgp ipv4 unicast summary").get("peers", {})
        return sum(peer["state"] == "Established" for peer in peers.values())

    @property
    def learned(self) -> set[str]:
        routes = self.ask("show bgp ipv4 unicast").get("routes", {})
        return {network for network, paths in routes.items() if any(path.get("peerId") != "(unspec)" for path in paths)}
