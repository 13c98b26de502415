"""Installing Debian packages. Standard library only: dev.py needs it before anything is installed."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterable


def is_root() -> bool:
    return hasattr(os, "geteuid") and os.geteuid() == 0


def apt_install(*packages: str) -> bool:
    """Install Debian packages. Return False if this is not Debian, not root, or the installation fails."""
    if not is_root() or not shutil.which("apt-get"):
        return False
    _announce(packages)
    return _apt_get("install", "-y", "-qq", *packages) == 0


def apt_satisfy(*dependencies: str) -> bool:
    """Install what satisfies dependencies, as a package declares them, with their versions. As `apt_install`."""
    if not is_root() or not shutil.which("apt-get"):
        return False
    _announce(dependency.split()[0] for dependency in dependencies)
    return _apt_get("satisfy", "-y", "-qq", "--no-install-recommends", ", ".join(dependencies)) == 0


def _announce(packages: Iterable[str]) -> None:
    """Say what is installed, and bring the list of packages up to date."""
    # Standard output belongs to the command that needs the packages.
    print(f"Installing {', '.join(packages)} with apt-get ...", file=sys.stderr, flush=True)
    _apt_get("update", "-qq")


def _apt_get(*words: str) -> int:
    """Run apt-get without questions, waiting up to five minutes for another one; return its exit status."""
    command = ["apt-get", "-o", "DPkg::Lock::Timeout=300", *words]
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    return subprocess.run(command, stdout=subprocess.DEVNULL, env=env).returncode
