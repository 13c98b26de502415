"""The audit of dependencies, against a local server with the service's published format."""

import json
import os
import subprocess
import sys
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from dev import ROOT
from tools.audit import pinned
from vpnconsole.testing.ports import free_port


def service(vulnerable: str):
    def answer(asked):
        results = [
            {"vulns": [{"id": "GHSA-test"}]} if query["package"]["name"] == vulnerable else {} for query in asked
        ]
        return 200, json.dumps({"results": results}).encode()

    return answering(answer)


@contextmanager
def answering(answer):
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["queries"]
            code, body = answer(asked)
            self.send_response(code)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args):
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/"
        finally:
            server.shutdown()
            thread.join()


def audit(address: str, *words: str) -> subprocess.CompletedProcess:
    env = {**os.environ, "AUDIT_SERVICE": address}
    return subprocess.run([sys.executable, "tools/audit.py", *words], cwd=ROOT, env=env, capture_output=True, text=True)


def test_every_package_of_the_locks_is_asked_about():
    assert {"django", "cryptography", "pytest", "psycopg"} <= {name for name, _ in pinned()}


def test_a_known_vulnerability_fails():
    with service("django") as address:
        done = audit(address)
    assert done.returncode == 1
    assert "django" in done.stdout
    assert "GHSA-test" in done.stdout


def test_no_known_vulnerability_passes():
    with service("nothing-of-ours") as address:
        done = audit(address)
    assert (done.returncode, done.stdout) == (0, f"{len(pinned())} packages audited, 0 with known vulnerabilities.\n")


@pytest.mark.parametrize(("words", "status"), [([], 0), (["--strict"], 2)])
def test_a_service_that_is_not_there_is_said_not_to_be(words, status):
    done = audit(f"http://127.0.0.1:{free_port()}/", *words)
    assert done.returncode == status
    assert done.stdout.startswith("Not audited:")
    assert f"None of {len(pinned())} packages was looked up" in done.stdout


@pytest.mark.parametrize(
    ("code", "body"),
    [
        (503, b""),
        (404, b"{}"),
        (200, b"<html>sign in to this network</html>"),
        (200, b"{}"),
        (200, b'{"results": []}'),
        (200, b'{"results": [null]}'),
        (200, b"[]"),
    ],
)
def test_what_is_no_answer_is_not_taken_for_good_news(code, body):
    with answering(lambda asked: (code, body)) as address:
        done = audit(address, "--strict")
    assert done.returncode == 2
    assert done.stdout.startswith("Not audited:")
    assert "audited, 0" not in done.stdout
    assert done.stderr == ""
