"""The wheel: its contents, and that it serves the demo without anything else of the project."""

import os
import re
import sqlite3
import subprocess
import sys
import sysconfig
import tomllib
import venv
from contextlib import closing
from email.parser import Parser
from json import loads
from pathlib import Path
from types import SimpleNamespace
from zipfile import ZipFile

import pytest
from django.utils.translation import gettext, override

from dev import ROOT
from vpnconsole.testing.served import IS_LINUX, Browser, open_to_others
from vpnconsole.testing.waiting import PATIENCE, wait_for
from vpnconsole.testing.worlds import Control, remove_worlds

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def pip(*words) -> None:
    """Run pip without an index: everything that it needs is installed."""
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", *map(str, words)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    pip("wheel", "--no-index", "--no-build-isolation", "--no-deps", "--wheel-dir", folder, ROOT)
    (path,) = folder.iterdir()
    return path


def test_it_is_small_and_holds_what_the_console_needs_and_no_more(wheel, tmp_path):
    assert wheel.stat().st_size < 1_350_000
    with ZipFile(wheel) as archive:
        names = archive.namelist()
        database = Path(archive.extract("vpnconsole/empty.sqlite3", tmp_path))
        (metadata,) = [archive.read(name).decode() for name in names if name.endswith("dist-info/METADATA")]
    assert {name.split("/")[0] for name in names} == {
        "connections",
        "vpnconsole",
        f"vpn_console-{PROJECT['version']}.dist-info",
    }
    for folder in ("templates", "static"):
        there = {f"vpnconsole/{path.relative_to(ROOT)}" for path in (ROOT / folder).rglob("*") if path.is_file()}
        assert there == {name for name in names if name.startswith(f"vpnconsole/{folder}/")}
    walks = {str(path.relative_to(ROOT)) for path in (ROOT / "vpnconsole" / "kit").rglob("*.yaml")}
    assert walks
    assert walks <= set(names)
    assert {"vpnconsole/gunicorn.conf.py", "vpnconsole/locale/zh_Hans/LC_MESSAGES/django.mo"} <= set(names)
    assert [name for name in names if name.endswith((".po", ".pyc"))] == []
    assert [name for name in names if name.startswith("vpnconsole/testing/")] == []
    needed = [re.sub(r"\s", "", text) for text in Parser().parsestr(metadata).get_all("Requires-Dist")]
    assert len(needed) == len(PROJECT["dependencies"]) + 1
    assert f"pytest-vpn-console=={PROJECT['version']};extra=='testing'" in needed
    client = tomllib.loads((ROOT / "clients" / "pytest" / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert client["version"] == PROJECT["version"]
    with closing(sqlite3.connect(database)) as empty:
        migrated = {name for (name,) in empty.execute("SELECT name FROM django_migrations WHERE app = 'connections'")}
        assert migrated == {path.stem for path in (ROOT / "connections" / "migrations").glob("0*.py")}
        assert empty.execute("SELECT count(*) FROM connections_user").fetchone() == (0,)


@pytest.fixture(scope="module")
def programs(wheel, tmp_path_factory) -> Path:
    """The programs of a virtual environment in which the wheel is installed."""
    folder = tmp_path_factory.mktemp("installed") / "venv"
    venv.create(folder)
    programs = folder / ("Scripts" if os.name == "nt" else "bin")
    pip("--python", programs / "python", "install", "--no-index", "--no-deps", wheel)
    # Its dependencies come from this environment.
    (packages,) = folder.rglob("site-packages")
    (packages / "libraries.pth").write_text("\n".join({sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}))
    return programs


def test_installed_elsewhere_it_serves_the_demo_and_writes_to_its_data_folder_alone(programs, tmp_path):
    home, here, temporary = tmp_path / "home", tmp_path / "here", tmp_path / "temporary"
    for folder in (home, here, temporary):
        folder.mkdir()
    # Modules in the current folder do not replace the console's own.
    (here / "connections.py").write_text("raise ImportError")

    env = {"PATH": os.environ["PATH"], "HOME": str(home), "TMPDIR": str(temporary), "LANG": "C.UTF-8"}
    said, log = tmp_path / "said", tmp_path / "log"
    with said.open("w") as out, log.open("w") as errors:
        process = subprocess.Popen(
            [programs / "vpn-console", "run", "--port", "0"], cwd=here, env=env, stdout=out, stderr=errors, umask=0
        )
    try:

        def is_ready() -> bool:
            assert process.poll() is None, log.read_text()
            return said.read_text().endswith("\n")

        wait_for(is_ready, for_what="it prints that it is ready", evidence=log.read_text)
        # It prints nothing else.
        ready = loads(said.read_text())
        assert ready["url"] == f"http://127.0.0.1:{ready['port']}/"
        assert ready["pid"] == process.pid

        alice = Browser(SimpleNamespace(port=ready["port"]), "alice")
        page = alice.get("/eu-central-1/connections/", Accept_Language="zh-hans")
        assert page.status == 200, page.headers
        assert "hamburg-primary" in page.text
        with override("zh-hans"):
            assert gettext("Customer Gateways") in page.text
        (style,) = re.findall(r'href="(/static/console/base\.css)[^"]*"', page.text)
        assert alice.get(style).body == (ROOT / "static" / "console" / "base.css").read_bytes()
        # Worlds work in an installation, too.
        token = (Path(ready["data"]) / "kit-token").read_text().strip()
        world = Control(SimpleNamespace(port=ready["port"]), token).world(scenario="empty")
        assert "Harbour Logistics" in {member["account"] for member in world["members"].values()}
    finally:
        process.terminate()
        status = process.wait(PATIENCE)
        if "data" in (said.read_text() or "{}"):
            remove_worlds(Path(loads(said.read_text())["data"]))
    assert status == 0, log.read_text()

    data = Path(ready["data"])
    assert [path for path in home.rglob("*") if path not in (*data.parents, data) and data not in path.parents] == []
    assert {path.name for path in data.iterdir()} >= {"console.sqlite3", "encryption-keys", "kit-token", "secret-key"}
    assert open_to_others(data) == []
    assert [*here.iterdir(), *temporary.iterdir()] == [here / "connections.py"]


# Starts the program and passes on its standard output, until it is killed.
PARENT = "import subprocess, sys; subprocess.run(sys.argv[1:])"


@pytest.mark.skipif(not IS_LINUX, reason="it looks for a process and a folder as Linux has them")
def test_for_test_runners_it_leaves_nothing_behind_when_the_process_that_started_it_ends(programs, tmp_path):
    temporary, said, log = tmp_path / "temporary", tmp_path / "said", tmp_path / "log"
    temporary.mkdir()
    words = [sys.executable, "-c", PARENT, programs / "vpn-console", "run", "--testing", "--port", "0"]
    env = {"PATH": os.environ["PATH"], "HOME": "/nonexistent", "TMPDIR": str(temporary), "LANG": "C.UTF-8"}
    with said.open("w") as out, log.open("w") as errors:
        # Nobody can write to this folder.
        parent = subprocess.Popen(words, cwd="/proc", env=env, stdout=out, stderr=errors)
    try:
        wait_for(lambda: said.read_text().endswith("\n"), for_what="it prints that it is ready", evidence=log.read_text)
        ready = loads(said.read_text())
        assert Path(ready["data"]).parent == temporary
        control = Control(SimpleNamespace(port=ready["port"]), ready["token"])
        world = control.world()
        assert world["transitions"] == [{"mode": "immediate"}]
    finally:
        parent.kill()
        parent.wait(PATIENCE)
    wait_for(lambda: not Path(f"/proc/{ready['pid']}").exists(), for_what="it ends", evidence=log.read_text)
    assert list(temporary.iterdir()) == []
