"""Metrics never fail a request."""

import os
import resource
import subprocess
import sys
from pathlib import Path

CONNECTIONS = Path(__file__).parents[2] / "connections"
PROGRAM = """
from connections import metrics
try:
    metrics.SIGN_INS.labels("failed").inc()
except OSError:
    print("no room")
metrics.count(metrics.UNAVAILABLE, "full")
metrics.observe(metrics.SECONDS, 0.1, "cen-list")
print("answered")
"""


def test_a_full_disk_fails_no_request(tmp_path):
    def full():
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))

    env = os.environ | {"PROMETHEUS_MULTIPROC_DIR": str(tmp_path)}
    done = subprocess.run([sys.executable, "-c", PROGRAM], env=env, preexec_fn=full, capture_output=True, text=True)
    assert done.stdout.split("\n")[:2] == ["no room", "answered"], done.stderr


def test_nothing_counts_without_care_for_a_full_disk():
    files = (path for path in CONNECTIONS.rglob("*.py") if path.name != "metrics.py")
    assert not [path for path in files if "metrics." in (text := path.read_text()) and ".labels(" in text]
