"""The locks contain packages and hashes, and nothing about the machine that made them."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LOCKS = ("requirements.txt", "requirements-dev.txt")


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_names_no_address_and_no_path(lock):
    text = (ROOT / lock).read_text()
    assert not re.search(r"://|file:|--find-links|--(extra-)?index", text)


@pytest.mark.parametrize("lock", LOCKS)
def test_every_package_of_a_lock_is_pinned_and_hashed(lock):
    entries = re.split(r"\n(?=[a-z])", (ROOT / lock).read_text())
    packages = [entry for entry in entries if entry[0].isalpha()]
    assert packages
    for package in packages:
        assert re.match(r"[a-z0-9-]+(\[[a-z]+\])?==\S+ ", package)
        assert "--hash=sha256:" in package


def test_the_developers_lock_holds_the_same_versions():
    def versions(lock):
        return set(re.findall(r"^([a-z0-9-]+==\S+)", (ROOT / lock).read_text(), re.MULTILINE))

    assert versions("requirements.txt") <= versions("requirements-dev.txt")
