"""mypy, with django-stubs, finds nothing in the packages that pyproject.toml names."""

import subprocess
import sys

import pytest

from dev import ROOT

pytestmark = pytest.mark.long


def test_types():
    words = ["--no-error-summary", "--no-color-output"]
    done = subprocess.run([sys.executable, "-m", "mypy", *words], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
