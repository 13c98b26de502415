"""The Containerfile, run step by step without an engine and as another user."""

import json
import os
import pwd
import re
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
from fnmatch import fnmatch
from pathlib import Path

import pytest

from dev import ROOT
from vpnconsole.apt import is_root
from vpnconsole.cli import metrics_folder
from vpnconsole.testing.ports import free_port
from vpnconsole.testing.served import environment
from vpnconsole.testing.waiting import PATIENCE, wait_for


def instructions() -> list[tuple[str, str]]:
    text = (ROOT / "Containerfile").read_text(encoding="utf-8")
    text = re.sub(r"^#.*\n", "", text, flags=re.MULTILINE).replace("\\\n", " ")
    return [tuple(line.split(maxsplit=1)) for line in text.splitlines() if line.strip()]


STEPS = instructions()


def step(name: str) -> str:
    (found,) = [argument for word, argument in STEPS if word == name]
    return found


def is_ignored(path: str) -> bool:
    patterns = (ROOT / ".containerignore").read_text(encoding="utf-8").split()
    return any(fnmatch(path, one) or path.startswith(f"{one}/") for one in patterns)


def copied() -> list[str]:
    """The files that `COPY . .` copies from a fresh clone."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True)
    return [path for path in listed.stdout.split("\0") if path and (ROOT / path).is_file() and not is_ignored(path)]


def test_it_copies_what_serving_needs_and_nothing_private():
    paths = copied()
    assert {"dev.py", "manage.py", "requirements.txt", "vpnconsole/gunicorn.conf.py"} <= set(paths)
    assert not [path for path in paths if path.startswith(("tests/", "bench/", ".git/", ".venv/", "var/"))]
    # A working copy has more files than a clone; none of those is copied.
    ignored = (ROOT / ".containerignore").read_text(encoding="utf-8").split()
    assert {".git", ".venv", "var", "node_modules"} <= {one.removeprefix("**/") for one in ignored}
    # docs/production.md stores the secrets in a file beside the code.
    (secrets,) = set(re.findall(r"> (\S+\.env)", (ROOT / "docs" / "production.md").read_text(encoding="utf-8")))
    assert any(fnmatch(secrets, one) for one in ignored)
    assert subprocess.run(["git", "check-ignore", "-q", secrets], cwd=ROOT).returncode == 0


def test_it_serves_as_a_user_of_its_own_what_it_exposes():
    words = [word for word, _ in STEPS]
    assert step("USER") == "console"
    assert words.index("USER") < words.index("CMD")
    assert any(re.search(r"useradd [^&]*\bconsole\b", argument) for word, argument in STEPS if word == "RUN")
    assert f"VPNCONSOLE_DATA={step('VOLUME')}" in step("ENV").split()
    port = step("EXPOSE")
    assert f"127.0.0.1:{port}/readyz" in step("HEALTHCHECK")
    assert step("STOPSIGNAL") == "SIGTERM"
    # The documented command builds an image with the health check.
    assert "podman build --format docker" in (ROOT / "Containerfile").read_text(encoding="utf-8")
    assert "--port" not in step("CMD")
    assert f'"--port", type=int, default={port}' in (ROOT / "vpnconsole" / "cli.py").read_text(encoding="utf-8")


def interpreter() -> str:
    """A Python that other users may run, as in the image."""
    for path in ("/usr/local/bin/python3", "/usr/bin/python3"):
        can = [path, "-c", "import sys, ensurepip, venv; sys.exit(sys.version_info < (3, 11))"]
        if Path(path).exists() and subprocess.run(can, capture_output=True).returncode == 0:
            return path
    return sys.executable


@pytest.fixture
def place():
    """A folder that all users may enter."""
    folder = Path(tempfile.mkdtemp(prefix="vpnconsole-container-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


def everything(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if "__pycache__" not in path.parts}


def test_its_steps_work_one_after_the_other(place):
    home, data = place / "srv", place / "data"
    for path in copied():
        (home / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / path, home / path)
    data.mkdir()
    python = interpreter()
    bare = {"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/"), "LANG": "C.UTF-8"}
    # The package index of this machine.
    bare |= {name: value for name, value in os.environ.items() if name.startswith(("PIP_", "SSL_", "REQUESTS_"))}
    run = [argument for word, argument in STEPS if word == "RUN"][-1]
    assert shlex.split(run)[0] == "python3"
    made = subprocess.run([python, *shlex.split(run)[1:]], cwd=home, env=bare, capture_output=True, text=True)
    if made.returncode and re.search(r"No matching distribution|Temporary failure|Connection|Network", made.stderr):
        pytest.skip(f"packages cannot be fetched here: {made.stderr.strip().splitlines()[-1]}")
    assert made.returncode == 0, made.stderr

    # The serving user owns the data and nothing else.
    as_user = {}
    if is_root() and not str(Path(python).resolve()).startswith("/root/"):
        nobody = pwd.getpwnam("nobody")
        os.chown(data, nobody.pw_uid, nobody.pw_gid)
        as_user = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
        bare["HOME"] = "/nonexistent"
    print(f"by {python}, as {'nobody' if as_user else 'whoever runs the tests'}")
    before, port = everything(home), free_port()
    more = {"PYTHONUNBUFFERED": "1", "WEB_CONCURRENCY": "1", "DEMO_MODE_PUBLIC": "1"}
    env = environment(data, **more) | {"PATH": bare["PATH"], "HOME": bare["HOME"]}
    command = json.loads(step("CMD"))
    assert command[0] == "python3"
    log = place / "log"
    with log.open("w") as out:
        server = subprocess.Popen(
            [python, *command[1:], "--port", str(port)], cwd=home, env=env, stdout=out, stderr=out, **as_user
        )
    try:
        check = json.loads(step("HEALTHCHECK").partition("CMD")[2])
        check = [python, *(word.replace(f":{step('EXPOSE')}/", f":{port}/") for word in check[1:])]

        def is_healthy() -> bool:
            assert server.poll() is None, log.read_text()[-3000:]
            return subprocess.run(check, env=bare, capture_output=True, **as_user).returncode == 0

        wait_for(is_healthy, for_what="the container is healthy", evidence=lambda: log.read_text()[-3000:])
        assert sorted(path.name for path in data.iterdir() if path.suffix == ".sqlite3") == ["console.sqlite3"]
        server.send_signal(getattr(signal, step("STOPSIGNAL")))
        assert server.wait(PATIENCE) == 0, log.read_text()[-3000:]
        # Nothing was written beside the code.
        assert everything(home) - before == set()
        assert subprocess.run(check, env=bare, capture_output=True).returncode != 0
    finally:
        if server.poll() is None:
            server.kill()
            server.wait()
        shutil.rmtree(metrics_folder(data), ignore_errors=True)
