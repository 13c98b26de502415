"""Find or install what tests need besides Python packages: a browser, PostgreSQL, the IPsec lab, clients for Node.

`python -m vpnconsole.testing.machine browser` finds or installs a Chromium, `... postgresql` the server's programs,
`... lab` the daemons of tests/lab, `... node` the vendor's clients for Node. Exit status 0: it is installed.
"""

import functools
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from vpnconsole import paths
from vpnconsole.apt import apt_install, apt_satisfy, is_root

# Debian's package of Chromium without windows. Its tests take little more than half the CPU time of a whole browser's.
HEADLESS_SHELL = "chromium-headless-shell"
DEBIANS = "/usr/bin/chromium"
ON_PATH = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome", "microsoft-edge")
ON_MAC = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
)


def _starts(program: str) -> bool:
    """Whether a program starts. Ubuntu's stub for a snap does not."""
    try:
        return subprocess.run([program, "--version"], capture_output=True, timeout=300).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


def _playwrights_own() -> str | None:
    """The browser that `playwright install` has installed, if any."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if Path(path).exists() else None


def find_browser() -> str | None:
    """A whole browser, or None. CHROMIUM_PATH overrides it."""
    if named := os.environ.get("CHROMIUM_PATH"):
        return named
    if own := _playwrights_own():
        return own
    for program in (*filter(None, map(shutil.which, ON_PATH)), *(path for path in ON_MAC if Path(path).exists())):
        if _starts(program):
            return program
    return None


@functools.cache
def _programs() -> tuple[str | None, str | None]:
    """A whole browser and the one without windows. Found once: it may start Playwright, which cannot start twice."""
    return find_browser(), None if "CHROMIUM_PATH" in os.environ else shutil.which(HEADLESS_SHELL)


def launch_options(*, whole: bool = False) -> dict:
    """Options for Playwright: no background traffic, and no sandbox for root, which cannot have one.

    Call it before Playwright runs. The program is the one without windows if it is installed; a whole browser also has
    a back/forward cache.
    """
    quiet = "--disable-gpu --disable-quic --disable-sync --no-first-run --disable-background-networking"
    words = [*quiet.split(), "--disable-component-update", *(["--no-sandbox"] if is_root() else [])]
    browser, shell = _programs()
    return {"executable_path": browser if whole else shell or browser, "args": words}


def provide_browser() -> str | None:
    """Find a browser, or install one. Where it is Debian's, install its program without windows as well."""
    if subprocess.run([sys.executable, "-m", "playwright", "--version"], capture_output=True).returncode:
        # Playwright's node program needs it, and a minimal Debian lacks it.
        apt_install("libatomic1")
    browser = find_browser()
    if not browser and apt_install("chromium", "fonts-dejavu-core"):
        browser = find_browser()
    if browser == DEBIANS and not shutil.which(HEADLESS_SHELL):
        apt_install(HEADLESS_SHELL)
    if browser:
        return browser
    words = [sys.executable, "-m", "playwright", "install", *(["--with-deps"] if is_root() else []), "chromium"]
    subprocess.run(words)
    return find_browser()


def provide_fonts() -> None:
    """Install Chinese fonts if there are none and that is possible. Screenshots need them, tests do not."""
    known = subprocess.run(["fc-list", ":lang=zh"], capture_output=True) if shutil.which("fc-list") else None
    if known is None or not known.stdout.strip():
        apt_install("fontconfig", "fonts-wqy-zenhei")


def find_postgresql() -> Path | None:
    """The folder of PostgreSQL's server programs."""
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
    on_path = [Path(path).parent for path in [shutil.which("initdb")] if path]
    return next((folder for folder in (*reversed(debian), *on_path) if (folder / "initdb").exists()), None)


# The programs and files that tests/lab needs, and their Debian packages.
LAB_PROGRAMS = {
    "charon-systemd": "charon-systemd",
    "swanctl": "strongswan-swanctl",
    "ipsec": "strongswan-starter",
    "/usr/lib/ipsec/charon": "strongswan-charon",
    "/usr/lib/ipsec/plugins/libstrongswan-kernel-libipsec.so": "libcharon-extra-plugins",
    "/usr/lib/ipsec/plugins/libstrongswan-openssl.so": "libstrongswan-standard-plugins",
    "ip": "iproute2",
    "ping": "iputils-ping",
    "nft": "nftables",
    "sysctl": "procps",
    "vtysh": "frr",
    "/usr/lib/frr/bgpd": "frr",
    "bird": "bird2",
    "certutil": "libnss3-tools",
}
SBIN = os.pathsep.join(("/usr/sbin", "/sbin", "/usr/local/sbin"))
# Libreswan conflicts with strongSwan, so its package is only unpacked.
LIBRESWAN = Path(sys.prefix) / "libreswan"


def find_program(name: str) -> str | None:
    """The path of a program or a file. PATH need not contain the folders of administrators."""
    return shutil.which(name, path=os.pathsep.join([os.environ.get("PATH", ""), SBIN])) or (
        name if Path(name).is_file() else None
    )


def find_libreswan(program: str) -> str | None:
    """One of Libreswan's programs: the daemon, or a helper."""
    path = LIBRESWAN / "usr/libexec/ipsec" / program
    return str(path) if path.is_file() else None


def libreswan_starts() -> bool:
    """Whether the unpacked daemon and the libraries that it needs are there."""
    pluto = find_libreswan("pluto")
    return pluto is not None and _starts(pluto)


def lab_missing() -> str:
    """What tests/lab lacks on this machine, as a sentence, or blank."""
    if not is_root():
        return "the lab makes network namespaces, which takes root"
    absent = [package for name, package in LAB_PROGRAMS.items() if not find_program(name)]
    if not libreswan_starts():
        absent.append("libreswan (unpacked)")
    return f"not installed: {', '.join(dict.fromkeys(absent))}" if absent else ""


def provide_lab() -> str:
    """Install what tests/lab lacks if possible, and return what is still missing."""
    if not lab_missing() or not is_root():
        return lab_missing()
    absent = [package for name, package in LAB_PROGRAMS.items() if not find_program(name)]
    if absent and apt_install(*dict.fromkeys(absent)) and Path("/run/systemd/system").exists():
        # The lab starts its own daemons; the machine should not run those of the packages.
        services = ("frr", "bird", "strongswan", "strongswan-starter")
        subprocess.run(["systemctl", "disable", "--now", "--quiet", *services], stderr=subprocess.DEVNULL)
    if not libreswan_starts() and shutil.which("apt-get"):
        provide_libreswan()
    return lab_missing()


def provide_libreswan() -> None:
    """Unpack Libreswan's package, and install the libraries that it depends on."""
    with tempfile.TemporaryDirectory(prefix="libreswan-") as folder:
        os.chmod(folder, 0o755)  # noqa: S103 - apt downloads as another user
        subprocess.run(["apt-get", "-q", "download", "libreswan"], cwd=folder, capture_output=True)
        for package in Path(folder).glob("*.deb"):
            subprocess.run(["dpkg-deb", "--extract", package, LIBRESWAN], check=True)
            fields = subprocess.run(["dpkg-deb", "--field", package, "Depends"], capture_output=True, text=True)
            apt_satisfy(*(one for one in fields.stdout.strip().split(", ") if one.startswith("lib")))


# Only a checkout has them.
NODE_CLIENTS = paths.RESOURCES / "tests" / "contract" / "node"


# What the kit's npm package is compiled and tested with, and the oldest Playwright that it works with.
KIT_PACKAGE = paths.RESOURCES / "clients" / "playwright"
OLDER_PLAYWRIGHT = paths.RESOURCES / "tests" / "kit" / "npm"


def node_missing(folder: Path = NODE_CLIENTS) -> str:
    """What the packages for Node in a folder lack on this machine, as a sentence, or blank."""
    if not shutil.which("node") or not shutil.which("npm"):
        return "node and npm are not installed"
    stamp = folder / "node_modules" / ".lock"
    lock = (folder / "package-lock.json").read_bytes()
    if not stamp.exists() or stamp.read_bytes() != lock:
        name = folder.relative_to(paths.RESOURCES)
        return f"the packages of {name} are not installed: python -m vpnconsole.testing.machine node"
    return ""


def provide_node() -> str:
    """Install the packages for Node by their locks, without install scripts, and return what is still missing."""
    folders = (NODE_CLIENTS, KIT_PACKAGE, OLDER_PLAYWRIGHT)
    for folder in folders:
        if node_missing(folder) and shutil.which("npm"):
            done = subprocess.run(["npm", "ci", "--ignore-scripts", "--silent"], cwd=folder)
            if done.returncode == 0:
                shutil.copy(folder / "package-lock.json", folder / "node_modules" / ".lock")
    return next(filter(None, map(node_missing, folders)), "")


def main(what: str) -> int:
    if what == "lab":
        if not (missing := provide_lab()):
            return 0
        print(f"The IPsec lab cannot run here: {missing}.")
        return 1
    if what == "node":
        if not (missing := provide_node()):
            return 0
        print(f"Some tests with Node cannot run here: {missing}.")
        return 1
    if what == "browser":
        if provide_browser():
            return 0
        print("No Chromium was found or could be installed. Install one, or set CHROMIUM_PATH to its program.")
        return 1
    if find_postgresql() or (apt_install("postgresql") and find_postgresql()):
        return 0
    print("PostgreSQL's server programs are not installed: the second run, with --pg, is left out.")
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
