"""How long worlds last, and how many there may be."""

import json
import os
import sqlite3
import subprocess
import sys
import time
from contextlib import closing

import pytest

from vpnconsole.kit import folder, world_templates, worlds
from vpnconsole.kit.errors import KitError, WorldGone


@pytest.fixture
def source(own_folder, tmp_path):
    """A file in place of a template."""
    file = tmp_path / "template.sqlite3"
    file.write_bytes(b"a template")
    return file


def made(source, **more):
    with worlds.created(source, "empty", **more) as world:
        worlds.publish(world)
    return world


def age(world, seconds):
    then = time.time() - seconds
    os.utime(world.pointer, (then, then))


def test_a_world_ends_two_hours_after_its_last_use(source):
    world = made(source)
    age(world, worlds.IDLE - 60)
    worlds.note_use(worlds.find(world.id))
    assert worlds.find(world.id).ends > time.time() + worlds.IDLE - 60
    age(world, worlds.IDLE)
    with pytest.raises(WorldGone):
        worlds.find(world.id)
    assert worlds.sweep() == 1
    assert not list(folder.path().glob(f"{world.id}.*"))


def test_a_world_ends_when_it_was_to(source):
    world = made(source, expires_in=-1)
    assert not worlds.exists(world.id)
    assert made(source, expires_in=10 * worlds.LONGEST).expires <= time.time() + worlds.LONGEST


def test_a_world_of_another_version_is_gone(source):
    world = made(source)
    folder.write(world.pointer, world.pointer.read_text().replace(world_templates.schema_digest(), "another"))
    assert not worlds.exists(world.id)
    # Its pointer may say other things.
    folder.write(world.pointer, json.dumps({"id": world.id, "colour": "blue"}))
    assert not worlds.exists(world.id)
    assert worlds.sweep() == 1


def test_a_copy_has_what_was_committed_though_others_have_the_file_open(own_folder):
    """A reader keeps the log of writes from being written into the file."""
    source, copy = own_folder / "source.sqlite3", own_folder / "copy.sqlite3"
    with closing(sqlite3.connect(source, isolation_level=None)) as writer, closing(sqlite3.connect(source)) as reader:
        writer.execute("PRAGMA journal_mode=WAL")
        writer.execute("CREATE TABLE kit_state (name TEXT PRIMARY KEY, value TEXT)")
        reader.execute("BEGIN")
        assert reader.execute("SELECT count(*) FROM kit_state").fetchone() == (0,)
        writer.execute("INSERT INTO kit_state VALUES ('moment', 'now')")
        worlds.copy(source, copy)
        writer.execute("INSERT INTO kit_state VALUES ('label', 'later')")
    with closing(sqlite3.connect(copy)) as database:
        assert {name for (name,) in database.execute("SELECT name FROM kit_state")} == {"moment", "kept"}
    assert [path.name for path in own_folder.glob("copy*")] == ["copy.sqlite3"]
    assert not list(own_folder.glob(".*"))


def test_a_copy_takes_no_locks_from_those_who_have_the_file_open(own_folder):
    """Another process that closes the file deletes the log of writes if nobody seems to have the file open."""
    source = own_folder / "source.sqlite3"
    read = "import sqlite3, sys; d = sqlite3.connect(sys.argv[1]); print(*d.execute('SELECT name FROM kit_state'))"

    def read_elsewhere() -> str:
        return subprocess.run([sys.executable, "-c", read, source], capture_output=True, text=True, check=True).stdout

    with closing(sqlite3.connect(source, isolation_level=None)) as ours:
        ours.execute("PRAGMA journal_mode=WAL")
        ours.execute("CREATE TABLE kit_state (name TEXT PRIMARY KEY, value TEXT)")
        worlds.copy(source, own_folder / "copy.sqlite3")
        assert read_elsewhere() == "\n"
        ours.execute("INSERT INTO kit_state VALUES ('label', 'later')")
        assert "label" in read_elsewhere()


def test_there_are_only_so_many_worlds(source, settings):
    settings.KIT_WORLDS = 2
    first = made(source)
    made(source)
    with pytest.raises(KitError) as refused:
        made(source)
    assert refused.value.code == "too_many_worlds"
    # Expired ones make room at once.
    age(first, worlds.IDLE)
    assert worlds.exists(made(source).id)


def test_a_world_that_could_not_be_filled_leaves_nothing(source):
    def fail():
        with worlds.created(source, "empty"):
            raise RuntimeError("on the way")

    with pytest.raises(RuntimeError):
        fail()
    assert [path for path in folder.path().iterdir() if path.suffix in (".json", ".sqlite3")] == []


def test_remains_of_killed_processes_are_deleted(source):
    old = [folder.path() / name for name in ("A" * 16 + ".1.sqlite3", ".beside.sqlite3", "link-followed-by-nobody")]
    new = folder.path() / ("B" * 16 + ".1.sqlite3")
    for path in (*old, new):
        path.touch()
        os.utime(path, (0, 0) if path in old else None)
    worlds.sweep()
    assert [path for path in (*old, new) if path.exists()] == [new]


def test_the_folder_is_private(source):
    assert not folder.path().stat().st_mode & 0o077
