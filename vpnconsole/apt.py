"""Installing Debian packages. Standard library only: dev.py needs it before anything is installed."""

import os
import shutil
import subprocess
import sys


def is_root() -> bool:
    return hasattr(os, "geteuid") and os.geteuid() == 0


def apt_install(*packages: str) -> bool:
    """Install Debian packages. Return False if this is not Debian, not root, or the installation fails."""
    if not is_root() or not shutil.which("apt-get"):
        return False
    return _apt_get_told("install", *packages)


def apt_satisfy(*dependencies: str) -> bool:
    """Install what satisfies dependencies, as a package declares them, with their versions. As `apt_install`."""
    if not is_root() or not shutil.which("apt-get"):
        return False
    return _apt_get_told("satisfy", "--no-install-recommends", ", ".join(dependencies))


def _apt_get_told(command: str, *words: str) -> bool:
    # Standard output belongs to the command that needs the packages.
    names = ", ".join(word for word in words if not word.startswith("-"))
    print(f"Installing {names} with apt-get ...", file=sys.stderr, flush=True)
    _apt_get("update", "-qq")
    return _apt_get(command, "-y", "-qq", *words) == 0


def _apt_get(*words: str) -> int:
    """Run apt-get without questions, waiting up to five minutes for another one; return its exit status."""
    command = ["apt-get", "-o", "DPkg::Lock::Timeout=300", *words]
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    return subprocess.run(command, stdout=subprocess.DEVNULL, env=env).returncode
