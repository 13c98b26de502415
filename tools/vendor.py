#!/usr/bin/env python3
"""Fetch what we serve of others into static/vendor/: pinned, checked, recorded. Needs npm; running the app does not."""

import base64
import hashlib
import json
import re
import subprocess
import tarfile
import tempfile
from pathlib import Path

VENDOR = Path(__file__).resolve().parent.parent / "static" / "vendor"

PACKAGE, VERSION, LICENCE = "bootstrap", "5.3.9", "MIT"
INTEGRITY = "sha512-20cU0rcfw8WdxtVbmfU+xT2EjvVTw9Ror/h1Qvd7DXCujRg8OO9mdBCsmTHdJFf3BuadmBNJtgIuUXsBqSkk/w=="
FILES = {"package/dist/css/bootstrap.min.css": "bootstrap.min.css", "package/LICENSE": "LICENSE"}


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["npm", "pack", "--silent", f"{PACKAGE}@{VERSION}"], cwd=folder, check=True)
        archive = Path(folder, f"{PACKAGE}-{VERSION}.tgz")
        found = "sha512-" + base64.b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode()
        if found != INTEGRITY:
            raise SystemExit(f"{archive.name} is not what it should be: {found}")
        target = VENDOR / PACKAGE
        target.mkdir(parents=True, exist_ok=True)
        record = {"name": PACKAGE, "version": VERSION, "licence": LICENCE, "integrity": INTEGRITY, "files": {}}
        with tarfile.open(archive) as package:
            for member, name in FILES.items():
                text = package.extractfile(member).read().decode()
                # The map is not served, and collecting static files would look for it.
                text = re.sub(r"\n?/\*# sourceMappingURL=.*?\*/\n?", "\n", text)
                (target / name).write_text(text)
                record["files"][name] = hashlib.sha256(text.encode()).hexdigest()
    (VENDOR / "vendored.json").write_text(json.dumps([record], indent=2) + "\n")


if __name__ == "__main__":
    main()
