"""Third-party static files have the hashes that were recorded at their download."""

import hashlib
import json
from pathlib import Path

VENDOR = Path(__file__).resolve().parents[2] / "static" / "vendor"


def test_vendored_files_are_unchanged_and_all_recorded():
    recorded = {}
    for package in json.loads((VENDOR / "vendored.json").read_text()):
        assert package["licence"] == "MIT"
        recorded |= {VENDOR / package["name"] / name: digest for name, digest in package["files"].items()}
    there = {path for path in VENDOR.rglob("*") if path.is_file() and path.name != "vendored.json"}
    assert there == set(recorded)
    for path, digest in recorded.items():
        assert hashlib.sha256(path.read_bytes()).hexdigest() == digest, path.name
