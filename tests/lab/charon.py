"""A real IKE daemon in a namespace, controlled over VICI. ESP runs in userland: the kernel needs no IPsec.

Two variants leave policies and ESP to the kernel, for tests of what leaves without a tunnel.
"""

import os
import socket
import subprocess
from contextlib import suppress
from pathlib import Path

import vici

from connections.peer_config.dialect import STEPS
from tests.lab.namespaces import LabError, Namespace, run
from vpnconsole.testing.waiting import wait_for

USERLAND = "kernel-libipsec! "
PLUGINS = (
    "random nonce openssl pem x509 pubkey pkcs1 hmac kdf "
    f"{USERLAND}kernel-netlink socket-default vici stroke updown counters"
)
# A silent peer fails after 4 seconds instead of 165, and a message that came too early is soon repeated. A peer that
# fails often is not blocked. A default route in charon's own table has lower priority than the main table.
SETTINGS = """
charon {{
  load = {plugins}
  install_virtual_ip = no
  routing_table_prio = 40000
  retransmit_timeout = {retransmit}
  retransmit_base = 1.4
  retransmit_tries = {tries}
  block_threshold = 0
  cookie_threshold = 0
  half_open_timeout = {half_open}
  reuse_ikesa = {reuse}
  i_dont_care_about_security_and_use_aggressive_mode_psk = yes
  filelog {{ main {{ path = {folder}/charon.log
      flush_line = yes
      ike_name = yes
      default = 1 }} }}
  plugins {{ vici {{ socket = unix://{folder}/charon.vici }} }}
}}
charon-systemd {{ journal {{ default = -1 }} }}
swanctl {{ load = random openssl pem pkcs1 x509 pubkey hmac }}
"""
SWANCTL_FOLDERS = "conf.d x509 x509ca x509ocsp x509aa x509ac x509crl pubkey private rsa ecdsa bliss pkcs8 pkcs12"


class Charon:
    """strongSwan's daemon as one side of the lab, configured by swanctl.conf."""

    DIALECT = "swanctl"
    PLUGINS = PLUGINS
    # Seconds until a message is sent again, and how many times that is done.
    RETRANSMIT, TRIES = 0.15, 6
    # Whether a side that starts uses an IKE SA that the other side has started.
    REUSE = "yes"
    # Seconds after which a negotiation is forgotten that the other side does not complete.
    HALF_OPEN = 2

    def __init__(self, namespace: Namespace, folder: Path):
        self.namespace, self.folder = namespace, folder
        self.log = folder / "charon.log"
        self.marked = 0
        self.session: vici.Session | None = None
        for name in SWANCTL_FOLDERS.split():
            (folder / "swanctl" / name).mkdir(parents=True)
        settings = folder / "strongswan.conf"
        settings.write_text(self._settings())
        self.environment = os.environ | {"STRONGSWAN_CONF": str(settings), "SWANCTL_DIR": str(folder / "swanctl")}

    def _settings(self) -> str:
        return SETTINGS.format(
            plugins=self.PLUGINS,
            folder=self.folder,
            retransmit=self.RETRANSMIT,
            tries=self.TRIES,
            reuse=self.REUSE,
            half_open=self.HALF_OPEN,
        )

    def start(self) -> None:
        self._await(self.namespace.start("charon-systemd", env=self.environment))

    def _await(self, process: subprocess.Popen) -> None:
        def answers():
            if process.poll() is not None:
                raise LabError(f"{process.args[-1]} ended with exit status {process.returncode}\n{self.tail()}")
            return self._connected()

        wait_for(answers, for_what="charon answers")

    def _connected(self) -> bool:
        opened = socket.socket(socket.AF_UNIX)
        opened.settimeout(20)
        try:
            opened.connect(f"{self.folder}/charon.vici")
        except OSError:
            opened.close()
            return False
        self.opened = opened
        self.session = vici.Session(opened)
        return bool(self.session.version())

    def close(self) -> None:
        """Close the connection to the daemon, which ends with its namespace."""
        self.opened.close()

    def mark(self) -> None:
        """Make `tail` return only what is logged from now on."""
        self.marked = self.log.stat().st_size if self.log.exists() else 0

    def tail(self, lines: int = 40) -> str:
        if not self.log.exists():
            return "(no log)"
        with self.log.open("rb") as log:
            log.seek(self.marked)
            return "\n".join(log.read().decode(errors="replace").splitlines()[-lines:])

    # --- configuration

    def load_files(self, files: dict[str, str]) -> None:
        """Replace the configuration with swanctl, as a user would.

        swanctl exits with 0 on most errors, but prints them to stderr.
        """
        path = self.folder / "swanctl" / "swanctl.conf"
        path.write_text("".join(content for name, content in files.items() if not name.endswith(STEPS)))
        words = ["swanctl", "--load-all", "--clear", "--noprompt", "--file", path]
        done = run(*words, "--uri", f"unix://{self.folder}/charon.vici", env=self.environment)
        if done.stderr:
            raise LabError(f"swanctl: {done.stderr}")

    def check_settings(self, connection, conn: dict) -> None:
        """Check the loaded lifetimes, dead peer detection and keys."""
        tunnel = connection.tunnel
        renewal = {"ikev1": "reauth_time", "ikev2": "rekey_time"}[tunnel.ike_version]
        assert int(conn[renewal]) == tunnel.ike_lifetime * 9 // 10
        (child,) = conn["children"].values()
        assert int(child["rekey_time"]) == tunnel.ipsec_lifetime * 9 // 10
        assert int(conn.get("dpd_delay", b"0")) == (10 if tunnel.enable_dpd else 0)
        if tunnel.ike_version == "ikev1":
            assert int(conn.get("dpd_timeout", b"0")) == (30 if tunnel.enable_dpd else 0)
        (installed,) = self.installed()
        lives = int(installed["life-time"]) if "life-time" in installed else 0
        assert tunnel.ipsec_lifetime - 20 <= lives <= tunnel.ipsec_lifetime
        assert self.session.get_shared()["keys"] == [f"ike-{connection.resource_id}".encode()]

    # --- its state

    def connections(self) -> dict:
        return {name: conn for message in self.session.list_conns() for name, conn in message.items()}

    def sas(self) -> list[dict]:
        """IKE SAs as VICI shows them, each with its name."""
        return [{"name": name, **sa} for message in self.session.list_sas() for name, sa in message.items()]

    def children(self) -> list[dict]:
        return [child for sa in self.sas() for child in sa.get("child-sas", {}).values()]

    def installed(self) -> list[dict]:
        return [child for child in self.children() if child["state"] == b"INSTALLED"]

    def has_begun(self) -> bool:
        """Whether it has started a negotiation since the last mark, with any result."""
        return "] initiating " in self.tail(1000)

    def is_busy(self) -> bool:
        """Whether a negotiation is in progress."""
        return any(self.is_under_way(sa) for sa in self.sas())

    @staticmethod
    def is_under_way(sa: dict) -> bool:
        tasks = ("tasks-active", "tasks-queued", "tasks-passive")
        return sa["state"] != b"ESTABLISHED" or any(sa.get(name) for name in tasks)

    def rekey(self) -> None:
        self.session.rekey({"child": self.installed()[0]["name"].decode()})

    def forget(self) -> None:
        """Unload configurations and keys, so that nothing starts again."""
        for name in self.connections():
            self.session.unload_conn({"name": name})
        self.session.clear_creds()

    def hang_up(self) -> None:
        """End every SA without waiting for the other side."""
        for sa in self.sas():
            with suppress(vici.exception.CommandException):
                # The response is a stream: the command runs only as it is read.
                list(self.session.terminate({"ike-id": sa["uniqueid"], "force": "yes"}))
        wait_for(lambda: not self.sas(), for_what="SAs are gone")


class Starter(Charon):
    """strongSwan's daemon, started by `ipsec start` and configured by ipsec.conf and ipsec.secrets."""

    DIALECT = "strongswan"

    def start(self) -> None:
        self.conf, self.secrets = self.folder / "ipsec.conf", self.folder / "ipsec.secrets"
        self.conf.write_text("config setup\n")
        self.secrets.write_text("")
        private_run = self.folder / "run"
        private_run.mkdir()
        # The programs have fixed paths; `ip netns exec` has given them a private mount namespace.
        script = (
            f"mount --bind {private_run} /run && mount --bind {self.conf} /etc/ipsec.conf && "
            f"mount --bind {self.secrets} /etc/ipsec.secrets && exec ipsec start --nofork"
        )
        self.process = self.namespace.start("sh", "-c", script, env=self.environment)
        self._await(self.process)

    def ipsec(self, *words) -> str:
        return run("nsenter", "-t", self.process.pid, "-m", "-n", "ipsec", *words, env=self.environment).stdout

    def load_files(self, files: dict[str, str]) -> None:
        """Write both files and reload them, as a user would."""
        for path in (self.conf, self.secrets):
            path.write_text("".join(content for name, content in files.items() if name.endswith(path.suffix)))
        self.ipsec("rereadsecrets")
        # This only signals the starter, which reloads asynchronously.
        self.ipsec("reload")
        expected = any("\nconn " in content for content in files.values())
        wait_for(lambda: bool(self.connections()) == expected, for_what="configurations are read")
        # ESP in userland does not report the first packet, so do what charon does then.
        if USERLAND in self.PLUGINS and any("auto=route" in content for content in files.values()):
            for conn in self.connections().values():
                for child in conn["children"]:
                    list(self.session.initiate({"child": child, "timeout": "-1"}))

    def forget(self) -> None:
        self.load_files({"ipsec.conf": "config setup\n", "ipsec.secrets": ""})

    def check_settings(self, connection, conn: dict) -> None:
        tunnel = connection.tunnel
        margin = min(tunnel.ike_lifetime, tunnel.ipsec_lifetime) // 20
        assert int(conn["rekey_time"]) == tunnel.ike_lifetime - margin
        for child in conn["children"].values():
            assert int(child["rekey_time"]) == tunnel.ipsec_lifetime - margin
        assert int(conn.get("dpd_delay", b"0")) == (10 if tunnel.enable_dpd else 0)
        (installed,) = self.installed()
        assert tunnel.ipsec_lifetime - 20 <= int(installed["life-time"]) <= tunnel.ipsec_lifetime


class InKernel:
    """A daemon with policies and ESP in the kernel."""

    PLUGINS = PLUGINS.replace(USERLAND, "")

    def hang_up(self) -> None:
        """Also make the kernel forget for which packets it has asked."""
        super().hang_up()
        self.namespace.ip("xfrm", "state", "flush")


class KernelCharon(InKernel, Charon):
    pass


class KernelStarter(InKernel, Starter):
    pass
