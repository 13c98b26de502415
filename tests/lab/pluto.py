"""Libreswan's daemon as the data center's side, from Debian's package, which is only unpacked.

It leaves ESP and the policies for networks to the kernel. A kernel without ESP refuses the keys after the negotiation;
one without XFRM interfaces refuses `ipsec-interface`.
"""

import os
import shutil
from pathlib import Path

from tests.lab.namespaces import LabError, Namespace, run
from vpnconsole.testing.machine import LIBRESWAN, find_libreswan
from vpnconsole.testing.waiting import wait_for

NO_ESP = "netlink response for Add SA"


class Pluto:
    """pluto with Debian's ipsec.conf, which includes the printed files."""

    DIALECT = "libreswan"

    def __init__(self, namespace: Namespace, folder: Path):
        self.namespace, self.folder = namespace, folder
        self.log = folder / "pluto.log"
        self.marked = 0
        self.process = None
        self.included = folder / "ipsec.d"
        self.conf, self.secrets = folder / "ipsec.conf", folder / "ipsec.secrets"
        for name in ("nss", "run", "ipsec.d"):
            (folder / name).mkdir(parents=True)
        for path in (self.conf, self.secrets):
            stock = LIBRESWAN / "etc" / path.name
            path.write_text(stock.read_text().replace("/etc/ipsec.d/", f"{self.included}/"))
        run("certutil", "-N", "-d", f"sql:{folder}/nss", "--empty-password")
        wrapper = LIBRESWAN / "usr/sbin"
        self.environment = os.environ | {
            "PATH": f"{wrapper}:{os.environ['PATH']}",
            "IPSEC_EXECDIR": str(Path(find_libreswan("pluto") or "").parent),
            "IPSEC_SBINDIR": str(wrapper),
        }

    def start(self) -> None:
        """Start pluto, which loads its configuration by itself.

        It has fixed paths; `ip netns exec` has given it a private mount namespace.
        """
        script = f'mount --bind {LIBRESWAN}/usr/libexec /usr/libexec && exec /usr/libexec/ipsec/pluto "$@"'
        words = ["--nofork", "--config", self.conf, "--secretsfile", self.secrets, "--logfile", self.log]
        words += ["--nssdir", self.folder / "nss", "--rundir", self.folder / "run", "--ipsecdir", self.included]
        self.process = self.namespace.start("sh", "-c", script, "pluto", *words, "--no-dnssec", env=self.environment)

        def answers():
            if self.process.poll() is not None:
                raise LabError(f"pluto ended with exit status {self.process.returncode}\n{self.tail()}")
            return "loading secrets" in self.tail(1000)

        wait_for(answers, for_what="pluto listens")

    def stop(self) -> None:
        """Stop pluto and clear the kernel, as `ipsec stop` does."""
        if self.process is not None:
            self.namespace.stop(self.process)
            self.process = None
        for what in ("state", "policy"):
            self.namespace.ip("xfrm", what, "flush")

    def load_files(self, files: dict[str, str]) -> None:
        """Start pluto with exactly these files, as a user would. Raises LabError if it does not take a connection."""
        self.stop()
        self.clear()
        for name, content in files.items():
            (self.included / name).write_text(content)
        self.mark()
        self.start()

        def added():
            if "failed to add" in (log := self.tail(1000)):
                raise LabError(log)
            return "added IKEv" in log

        wait_for(added, for_what="a connection is added")

    def clear(self) -> None:
        shutil.rmtree(self.included)
        self.included.mkdir()

    # --- as tests/lab/charon.py

    def mark(self) -> None:
        """Make `tail` return only what is logged from now on."""
        self.marked = self.log.stat().st_size if self.log.exists() else 0

    def tail(self, lines: int = 40) -> str:
        if not self.log.exists():
            return "(no log)"
        with self.log.open("rb") as log:
            log.seek(self.marked)
            return "\n".join(log.read().decode(errors="replace").splitlines()[-lines:])

    def forget(self) -> None:
        self.stop()
        self.clear()

    def hang_up(self) -> None:
        """Nothing is left: the SAs ended with pluto."""
