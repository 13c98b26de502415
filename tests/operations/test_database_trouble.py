"""A database that is locked, full, slow or unreachable: clear answers, nothing half saved, and recovery."""

import json
import os
import random
import re
import resource
import shutil
import sqlite3
import subprocess
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path
from typing import NamedTuple

import psycopg
import pytest

from dev import in_ci
from tests.operations.test_crash import REGION, ApiWriter, Crowd, Writer, everything_is_there
from vpnconsole.testing.clients import CBN, call_at
from vpnconsole.testing.pages import main_form
from vpnconsole.testing.pg import Cluster
from vpnconsole.testing.served import NO_ANSWER, Browser, children, environment, manage, prepared, served
from vpnconsole.testing.waiting import PATIENCE, wait_for

pytestmark = pytest.mark.pg
ON_POSTGRESQL = "DATABASE_URL" in os.environ
sqlite = pytest.mark.skipif(ON_POSTGRESQL, reason="about SQLite; ran in the first pass")
postgresql = pytest.mark.skipif(not ON_POSTGRESQL, reason="about PostgreSQL; runs with --pg")


class Demo(NamedTuple):
    """A PostgreSQL server that may be stopped, beside the one of the tests, and a console's environment on it."""

    cluster: Cluster
    env: dict[str, str]

    def database(self, name: str, more: str = "") -> str:
        """The URL of a new database with the demo."""
        with psycopg.connect(self.cluster.url, autocommit=True) as other:
            # The usual strategy keeps how far sequences were logged ahead, so that a crash would set them back.
            other.execute(f"CREATE DATABASE {name} TEMPLATE demo STRATEGY file_copy {more}")
        return self.cluster.address(name)


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    """Each test leaves it as it was, so that only the first one waits for the migrations."""
    cluster = Cluster()
    try:
        with psycopg.connect(cluster.url, autocommit=True) as other:
            other.execute("CREATE DATABASE demo")
        env = environment(tmp_path_factory.mktemp("demo"), DATABASE_URL=cluster.address("demo"))
        done = manage(env, "prepare_to_serve")
        assert done.returncode == 0, done.stderr
        yield Demo(cluster, env)
    finally:
        cluster.remove()


@pytest.fixture(scope="module")
def server(tmp_path_factory, request):
    """The console that all tests on a database share. Whatever they did to it, its data fits together at the end."""
    folder = tmp_path_factory.mktemp("trouble")
    if ON_POSTGRESQL:
        demo = request.getfixturevalue("demo")
        env = demo.env | {"VPNCONSOLE_DATA": str(folder / "data"), "DATABASE_URL": demo.database("console")}
        env["DATABASE_TIMEOUT"] = "1"
    else:
        env = prepared(folder / "data", DATABASE_TIMEOUT="1")
    with served(env, folder / "log") as running:
        yield running
        sound(running)


@pytest.fixture
def cluster(demo) -> Cluster:
    return demo.cluster


@pytest.fixture
def own_server(demo, tmp_path):
    """A console of the test's own, which waits for the database as long as in production."""
    env = demo.env | {"VPNCONSOLE_DATA": str(tmp_path / "data"), "DATABASE_URL": demo.database("own")}
    with served(env, tmp_path / "log") as running:
        yield running
    with psycopg.connect(demo.cluster.url, autocommit=True) as other:
        other.execute("DROP DATABASE own WITH (FORCE)")


@pytest.fixture
def other(server, cluster):
    """A connection to the console's database beside its own."""
    with psycopg.connect(server.env["DATABASE_URL"], autocommit=True) as connection:
        yield connection


@pytest.fixture
def alice(server):
    return Browser(server, "alice")


def fill(alice, name):
    """Fill in a form before the outage; return a function that posts it."""
    form = main_form(alice.get("/cens/create/").text) | {"name": [name]}
    return lambda: alice.post("/cens/create/", form)


def call(alice, name, **more):
    """The same through the API."""
    return call_at(alice, ApiWriter.KEY, "CreateCen", CBN, Name=name, **more)


def assert_api_reports(answer, words: str, fate: str = "Nothing was saved") -> None:
    said = json.loads(answer.text)
    assert (answer.status, said["Code"]) == (503, "ServiceUnavailable")
    assert words in said["Message"]
    assert fate in said["Message"]
    assert int(answer.headers["x-acs-retry-after"]) > 0


def told(answer, words: str) -> None:
    assert answer.status == 503, answer.text
    assert int(answer.headers["Retry-After"]) > 0
    assert words in answer.text
    assert "Nothing was saved" in answer.text
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert "Traceback" not in answer.text


def sound(server) -> None:
    done = manage(server.env | {"PRODUCTION": "1"}, "check_data")
    assert "Everything fits together." in done.stdout, done.stdout + done.stderr


def database_of(server) -> Path:
    return Path(server.env["VPNCONSOLE_DATA"]) / "console.sqlite3"


@sqlite
def test_a_locked_database(server, alice):
    submit = fill(alice, "while-locked")
    with closing(sqlite3.connect(database_of(server), isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        told(submit(), "is busy")
        assert_api_reports(call(alice, "api-while-locked"), "is busy")
        # The refusal did not wait a second time, to write an event.
        assert "could not be written down" not in server.log.read_text()
        # Readers do not wait.
        assert alice.get("/cens/").status == 200
        assert server.get("/readyz")[0] == 200
    assert submit().status == 302
    assert call(alice, "api-while-locked").status == 200
    page = alice.get("/cens/").text
    assert page.count(">while-locked<") == page.count(">api-while-locked<") == 1


@sqlite
def test_a_full_disk(server, alice):
    submit = fill(alice, "x" * 100)
    workers = children(server.process.pid)
    unlimited = resource.RLIM_INFINITY

    def bound(size: int) -> None:
        """Limit the size of the server's files from now on."""
        for pid in workers:
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (size, unlimited))

    # The limit is the current size: the write-ahead log has to grow.
    bound(4096)
    told(submit(), "no room left")
    assert_api_reports(call(alice, "y" * 100), "no room left")
    assert alice.get("/cens/").status == 200
    bound(unlimited)
    assert submit().status == 302
    assert alice.get("/cens/").text.count("x" * 100) >= 1


@postgresql
def test_a_slow_database(alice, other):
    submit = fill(alice, "while-slow")
    with other.transaction():
        other.execute("SELECT * FROM connections_account FOR UPDATE")
        told(submit(), "is busy")
        assert_api_reports(call(alice, "while-slow"), "is busy")
        assert alice.get("/cens/").status == 200
    assert submit().status == 302


@contextmanager
def away(cluster: Cluster) -> Iterator[None]:
    """The database is away during the block."""
    cluster.stop()
    try:
        yield
    finally:
        cluster.start()


def counted_as_unreachable(server) -> float:
    """The metric of requests that found the database unreachable."""
    found = re.findall(rb'vpnconsole_unavailable_total\{reason="unreachable"\} (\S+)', server.get("/metrics")[2])
    return sum(map(float, found))


@postgresql
def test_a_database_that_goes_away_and_comes_back(server, alice, cluster):
    submit, before = fill(alice, "across-a-restart"), counted_as_unreachable(server)
    with away(cluster):
        told(submit(), "cannot be reached")
        told(alice.get("/cens/"), "cannot be reached")
        assert_api_reports(call(alice, "across-a-restart"), "cannot be reached")
        assert server.get("/livez")[0] == 200
        status, _, body = server.get("/readyz")
        assert (status, b"unreachable" in body) == (503, True)
        assert counted_as_unreachable(server) >= before + 2
    assert submit().status == 302
    assert server.get("/readyz")[0] == 200
    assert alice.get("/cens/").text.count("across-a-restart") >= 1


# What a page says when the database becomes unreachable: the outage, and whether the work was saved.
GONE_AWAY = ("cannot be reached",)
FATES = ("Nothing was saved", "Something was saved", "not known whether")
RESTARTS = 40 if in_ci() else 6


class Patient(Writer):
    """Repeats requests while the database is unreachable, and checks that every answer is clear."""

    def __init__(self, *args):
        super().__init__(*args)
        self.refusals = 0

    def refused(self, answer) -> None:
        self.refusals += 1
        clear = (
            answer.status == 503
            and self.is_asked_to_wait(answer)
            and any(words in answer.text for words in GONE_AWAY)
            and any(words in answer.text for words in FATES)
            and "Traceback" not in answer.text
        )
        if not clear:
            super().refused(answer)
        # Not as long as the page asks for; a short pause leaves CPU time to others.
        self.stop.wait(0.05)

    def is_asked_to_wait(self, answer) -> bool:
        return int(answer.headers["Retry-After"]) > 0


class PatientByApi(Patient, ApiWriter):
    def is_asked_to_wait(self, answer) -> bool:
        return json.loads(answer.text)["Code"] == "ServiceUnavailable" and int(answer.headers["x-acs-retry-after"]) > 0


@postgresql
@pytest.mark.long
def test_a_database_that_is_restarted_while_people_write(own_server, cluster):
    """At random moments: every answer is clear, acknowledged writes stay, and the console recovers by itself."""
    chance = random.Random("restarts")  # noqa: S311 - the same moments every time
    with Crowd(own_server, Patient, PatientByApi) as crowd:
        crowd.go_on(lambda: all(writer.acknowledged for writer in crowd.writers))
        for _ in range(RESTARTS):
            crowd.pause(chance.uniform(0.05, 0.3))
            with away(cluster):
                crowd.pause(chance.uniform(0, 0.2))
            # It recovers by itself.
            before = crowd.acknowledged
            crowd.go_on(lambda before=before: crowd.acknowledged > before + len(crowd.writers))
    refusals = sum(writer.refusals for writer in crowd.writers)
    print(f"{RESTARTS} restarts, {crowd.acknowledged} writes acknowledged, {refusals} requests told that it is away")
    assert refusals > RESTARTS
    # The console answered every request.
    assert crowd.unanswered == 0
    everything_is_there(own_server, crowd.writers)


@contextmanager
def triggered(other, do: str, when: str) -> Iterator[None]:
    """The database does this when it writes certain rows."""
    other.execute(f"""
        CREATE FUNCTION trouble() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {do}; RETURN NULL; END $$;
        CREATE {when} EXECUTE FUNCTION trouble();
    """)
    try:
        yield
    finally:
        other.execute("DROP FUNCTION trouble CASCADE")


def at_commit(other, do: str, moment: str = "DEFERRABLE INITIALLY DEFERRED"):
    """It does this when the transaction that creates a CEN instance is committed."""
    return triggered(other, do, f"CONSTRAINT TRIGGER trouble AFTER INSERT ON connections_cen {moment} FOR EACH ROW")


BREAK_OFF = "PERFORM pg_terminate_backend(pg_backend_pid())"
FULL = "RAISE EXCEPTION 'full' USING ERRCODE = '53100'"


@postgresql
def test_a_connection_that_breaks_off_at_commit_leaves_it_open_what_was_saved(alice, other):
    """COMMIT was not answered. It may have succeeded, and the page must not deny that."""
    submit = fill(alice, "page-breaks-off")
    with at_commit(other, BREAK_OFF):
        answer = submit()
        assert answer.status == 503
        assert "not known whether" in answer.text
        assert "Nothing was saved" not in answer.text
    # Sending the same form again settles it.
    assert submit().status == 302
    assert submit().status == 302
    assert alice.get("/cens/").text.count(">page-breaks-off<") == 1


@postgresql
def test_what_was_saved_before_the_trouble_is_not_denied(alice, other):
    """A bulk deletion is one operation per resource; here the second one fails."""
    path = f"/{REGION}/connections/delete/"
    gateway = re.search(r"cgw-\w+", alice.get(f"/{REGION}/customer-gateways/").text)[0]
    form = main_form(alice.get(f"/{REGION}/connections/create/").text) | {"tunnel1-customer_gateway": [gateway]}
    for name in ("one", "two"):
        assert alice.post(f"/{REGION}/connections/create/", form | {"name": [name]}).status == 302
    listed = re.findall(r"vco-\w+", alice.get(f"/{REGION}/connections/?state=init").text)
    ids = sorted(set(listed))[:2]
    assert len(ids) == 2
    first, second = re.findall(r'name="id" value="(vco-\w+)"', alice.get(f"{path}?id={ids[0]}&id={ids[1]}").text)
    deleted = "TRIGGER trouble BEFORE DELETE ON connections_connection FOR EACH ROW"
    with triggered(other, FULL, f"{deleted} WHEN (OLD.resource_id = '{second}')"):
        answer = alice.post(path, {"id": [first, second]})
        assert answer.status == 503
        assert "Something was saved" in answer.text
        assert "Nothing was saved" not in answer.text
    answer = alice.post(path, {"id": [first, second]})
    assert answer.status == 302
    assert "2 connections deleted." in alice.get(answer.headers["Location"]).text


@postgresql
def test_a_session_that_cannot_be_saved_does_not_deny_what_was(alice, other):
    """The work is committed, but the session cannot be saved afterwards: the disk is full."""
    form = main_form(alice.get("/cens/create/").text) | {"name": ["before-the-session"]}
    with triggered(other, FULL, "TRIGGER trouble BEFORE UPDATE ON django_session FOR EACH ROW"):
        answer = alice.post("/cens/create/?region=cn-beijing", form)
        assert answer.status == 503
        assert "Something was saved" in answer.text
    assert alice.get("/cens/").text.count(">before-the-session<") == 1


@postgresql
def test_a_call_whose_commit_was_not_answered_is_done_once_with_its_token(alice, other):
    """A call that is sent again with the same token is done exactly once."""
    with at_commit(other, BREAK_OFF):
        for token in ({}, {"ClientToken": "whether-or-not"}):
            assert_api_reports(call(alice, "whether-or-not", **token), "cannot be reached", "not known whether")
    first, again = (json.loads(call(alice, "whether-or-not", **token).text) for _ in range(2))
    assert first["CenId"] == again["CenId"]
    assert alice.get("/cens/").text.count(">whether-or-not<") == 1


@postgresql
def test_what_was_saved_while_its_server_was_killed_is_not_done_again(own_server):
    """The database commits although the server is killed; the client gets no answer and repeats the request."""
    server = own_server
    with (
        psycopg.connect(server.env["DATABASE_URL"], autocommit=True) as other,
        at_commit(other, "PERFORM pg_advisory_xact_lock(1)"),
        ThreadPoolExecutor(1) as pool,
    ):
        alice = Browser(server, "alice")
        asking = {"by-page": fill(alice, "by-page"), "by-api": lambda: call(alice, "by-api", ClientToken="by-api")}

        def one(question, *values):
            return other.execute(question, values).fetchone()[0]

        for name, ask in asking.items():
            other.execute("SELECT pg_advisory_lock(1)")
            asked = pool.submit(ask)
            waits = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
            wait_for(lambda q=waits: one(q), for_what="it is committed", evidence=server.said)
            server.kill_workers()
            with pytest.raises(NO_ANSWER):
                asked.result(PATIENCE)
            other.execute("SELECT pg_advisory_unlock(1)")
            there = "SELECT count(*) FROM connections_cen WHERE name = %s"
            wait_for(lambda n=name, q=there: one(q, n), for_what="it is saved", evidence=server.said)
            server.wait_until_ready()
            assert ask().status in (200, 302)
            assert one(there, name) == 1
    sound(server)


# Outages by PostgreSQL's error code.
STATES = {
    "53100": "no room left",  # disk_full
    "57014": "did not finish in time",  # query_canceled, by statement_timeout
    "55P03": "is busy",  # lock_not_available, by lock_timeout
    "40P01": "is busy",  # deadlock_detected
    "40001": "is busy",  # serialization_failure
    "53300": "cannot be reached",  # too_many_connections
}


@postgresql
def test_what_postgresql_says_is_understood_in_any_language(alice, other):
    """PostgreSQL translates its messages, but not its codes."""
    submit = fill(alice, "in-trouble")
    for state, words in STATES.items():
        with at_commit(other, f"RAISE EXCEPTION 'Das hat nicht geklappt' USING ERRCODE = '{state}'", moment=""):
            told(submit(), words)
    assert submit().status == 302


@pytest.fixture
def small_disk():
    """A file system of 40 MB in memory."""
    folder = Path(tempfile.mkdtemp(prefix="vpnconsole-disk-"))
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=40m", "none", folder], capture_output=True, text=True)
    if mounted.returncode:
        folder.rmdir()
        pytest.skip(f"a small disk cannot be mounted here: {mounted.stderr.strip()}")
    yield folder
    subprocess.run(["umount", folder], check=True)
    folder.rmdir()


@postgresql
def test_a_full_disk_under_postgresql(small_disk, demo, tmp_path):
    """The tables are on a small file system, and another file fills it."""
    tables = small_disk / "tables"
    tables.mkdir()
    if os.geteuid() == 0:
        os.chmod(small_disk, 0o755)  # noqa: S103 - it holds nothing but this
        shutil.chown(tables, "postgres", "postgres")
    with psycopg.connect(demo.cluster.url, autocommit=True) as other:
        other.execute(f"CREATE TABLESPACE small LOCATION '{tables}'")
    try:
        address = demo.database("small", "TABLESPACE small")
        env = demo.env | {"VPNCONSOLE_DATA": str(tmp_path / "data"), "DATABASE_URL": address}
        with served(env, tmp_path / "log") as server:
            fill_the_disk(server, small_disk)
            sound(server)
    finally:
        (small_disk / "ballast").unlink(missing_ok=True)
        with psycopg.connect(demo.cluster.url, autocommit=True) as other:
            other.execute("DROP DATABASE IF EXISTS small WITH (FORCE)")
            other.execute("DROP TABLESPACE small")


def fill_the_disk(server, disk) -> None:
    alice = Browser(server, "alice")
    ballast = disk / "ballast"
    done = subprocess.run(["dd", "if=/dev/zero", f"of={ballast}", "bs=4096"], capture_output=True, text=True)
    assert "No space left" in done.stderr
    # Writes succeed while existing pages have room; then no page can be added.
    form = main_form(alice.get("/cens/create/").text)
    saved = None
    for number in range(400):
        # Each form has its own token: a repeated one would be done only once.
        answer = alice.post("/cens/create/", form | {"name": [f"fills-{number}"], "description": ["x" * 250]})
        if answer.status != 302:
            break
        saved = number
    told(answer, "no room left")
    # Readers see exactly what was acknowledged.
    page = alice.get("/cens/").text
    assert saved is None or f"fills-{saved}" in page
    assert f"fills-{number}" not in page
    ballast.unlink()
    assert alice.post("/cens/create/", form | {"name": [f"fills-{number}"], "description": ["x" * 250]}).status == 302
