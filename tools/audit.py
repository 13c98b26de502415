"""Look up vulnerabilities of every package in the locks. Standard library only.

Ends with 1 if a pinned version has a known vulnerability. If the list cannot be asked, as on a machine without the
Internet, it says so and ends with 0, or with 2 under `--strict`.
"""

import json
import os
import re
import sys
import urllib.error
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# OSV is free, needs no key, and takes several hundred packages at once.
SERVICE = os.environ.get("AUDIT_SERVICE", "https://api.osv.dev/v1/querybatch")


def pinned() -> list[tuple[str, str]]:
    """The name and version of every package in a lock."""
    text = "".join((ROOT / lock).read_text() for lock in ("requirements.txt", "requirements-dev.txt"))
    return sorted(set(re.findall(r"^([a-z0-9-]+)(?:\[[a-z,]+\])?==(\S+)", text, re.MULTILINE)))


def advisories(packages: list[tuple[str, str]]) -> dict[tuple[str, str], list[str]]:
    """The IDs of advisories for each package. Raises OSError without an answer, ValueError for an invalid one."""
    asked = [{"package": {"name": name, "ecosystem": "PyPI"}, "version": version} for name, version in packages]
    request = urllib.request.Request(  # noqa: S310 - the address above
        SERVICE, json.dumps({"queries": asked}).encode(), {"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=20) as answer:  # noqa: S310
        results = json.load(answer)["results"]
    if len(results) != len(packages):
        raise ValueError("as many answers as questions were expected")
    return {
        package: [one["id"] for one in result.get("vulns", [])]
        for package, result in zip(packages, results, strict=True)
        if result.get("vulns")
    }


def main() -> int:
    packages = pinned()
    try:
        advised = advisories(packages)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        print(f"Not audited: {SERVICE} cannot be asked ({error}).")
        print(f"None of {len(packages)} packages was looked up: whether they have known vulnerabilities is not known.")
        return 2 if "--strict" in sys.argv[1:] else 0
    for (name, version), ids in advised.items():
        print(f"{name} {version}: {', '.join(ids)}")
    print(f"{len(packages)} packages audited, {len(advised)} with known vulnerabilities.")
    return 1 if advised else 0


if __name__ == "__main__":
    sys.exit(main())
