"""A database that is locked, full, slow or away: said clearly, nothing half saved, and over when it is over."""

import json
import os
import random
import re
import resource
import shutil
import sqlite3
import subprocess
import tempfile
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import psycopg
import pytest

from dev import in_ci
from tests.operations.test_crash import REGION, ApiWriter, Crowd, Writer, everything_is_there
from vpnconsole.testing.clients import CBN, call_at
from vpnconsole.testing.pages import main_form
from vpnconsole.testing.pg import Cluster
from vpnconsole.testing.served import NO_ANSWER, Browser, children, environment, manage, served
from vpnconsole.testing.waiting import PATIENCE, wait_for

ON_POSTGRESQL = "DATABASE_URL" in os.environ
sqlite = pytest.mark.skipif(ON_POSTGRESQL, reason="about SQLite; ran in the first pass")
postgresql = pytest.mark.skipif(not ON_POSTGRESQL, reason="about PostgreSQL; runs with --pg")


@pytest.fixture
def cluster():
    """A PostgreSQL server that may be stopped without harm to the tests' own."""
    made = Cluster()
    yield made
    made.remove()


@pytest.fixture
def data(tmp_path):
    return tmp_path / "data"


@pytest.fixture
def server(data, tmp_path, request):
    more = {"DATABASE_TIMEOUT": "1"}
    if ON_POSTGRESQL:
        more["DATABASE_URL"] = request.getfixturevalue("cluster").url
    with served(environment(data, **more), tmp_path / "log") as running:
        yield running


@pytest.fixture
def alice(server):
    return Browser(server, "alice")


def fill(alice, name):
    """The form as it stands before the trouble begins; what it gets afterwards."""
    form = main_form(alice.get("/cens/create/").text) | {"name": [name]}
    return lambda: alice.post("/cens/create/", form)


def call(alice, name, **more):
    """The same as `fill` and send, through the API."""
    return call_at(alice, ApiWriter.KEY, "CreateCen", CBN, Name=name, **more)


def told_by_api(answer, words: str, fate: str = "Nothing was saved") -> None:
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


@sqlite
def test_a_locked_database(server, alice, data):
    submit = fill(alice, "while-locked")
    with closing(sqlite3.connect(data / "console.sqlite3", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        told(submit(), "is busy")
        told_by_api(call(alice, "api-while-locked"), "is busy")
        # It was not waited for a second time, in order to write that down.
        assert "could not be written down" not in server.log.read_text()
        # Whoever only looks is not kept waiting.
        assert alice.get("/cens/").status == 200
        assert server.get("/readyz")[0] == 200
    assert submit().status == 302
    assert call(alice, "api-while-locked").status == 200
    page = alice.get("/cens/").text
    assert page.count(">while-locked<") == page.count(">api-while-locked<") == 1
    sound(server)


@sqlite
def test_a_full_disk(server, alice, data):
    submit = fill(alice, "x" * 100)
    workers = children(server.process.pid)
    unlimited = resource.RLIM_INFINITY

    def bound(size: int) -> None:
        """As large as a file of the server's may become, from now on."""
        for pid in workers:
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (size, unlimited))

    # No page more than there is: the log of changes beside the database has to grow.
    bound(4096)
    told(submit(), "no room left")
    told_by_api(call(alice, "y" * 100), "no room left")
    assert alice.get("/cens/").status == 200
    bound(unlimited)
    assert submit().status == 302
    assert alice.get("/cens/").text.count("x" * 100) >= 1
    sound(server)


@postgresql
def test_a_slow_database(server, alice, cluster):
    submit = fill(alice, "while-slow")
    with psycopg.connect(cluster.url) as other:
        other.execute("SELECT * FROM connections_account FOR UPDATE")
        told(submit(), "is busy")
        told_by_api(call(alice, "while-slow"), "is busy")
        assert alice.get("/cens/").status == 200
        other.rollback()
    assert submit().status == 302
    sound(server)


@postgresql
def test_a_database_that_goes_away_and_comes_back(server, alice, cluster):
    submit = fill(alice, "across-a-restart")
    cluster.stop()
    told(submit(), "cannot be reached")
    told(alice.get("/cens/"), "cannot be reached")
    told_by_api(call(alice, "across-a-restart"), "cannot be reached")
    assert server.get("/livez")[0] == 200
    status, _, body = server.get("/readyz")
    assert (status, b"unreachable" in body) == (503, True)
    assert re.search(rb'vpnconsole_unavailable_total\{reason="unreachable"\} [2-9]', server.get("/metrics")[2])
    cluster.start()
    assert submit().status == 302
    assert server.get("/readyz")[0] == 200
    assert alice.get("/cens/").text.count("across-a-restart") >= 1
    sound(server)


# What a page may say of a database that went away in the middle, by what had become of the work.
GONE_AWAY = ("cannot be reached",)
FATES = ("Nothing was saved", "Something was saved", "not known whether")
RESTARTS = 40 if in_ci() else 6


class Patient(Writer):
    """Asks again when told that the database is away; is told so clearly, or it is trouble."""

    def __init__(self, *args):
        super().__init__(*args)
        self.told_away = 0

    def refused(self, answer) -> None:
        self.told_away += 1
        clear = (
            answer.status == 503
            and self.is_asked_to_wait(answer)
            and any(words in answer.text for words in GONE_AWAY)
            and any(words in answer.text for words in FATES)
            and "Traceback" not in answer.text
        )
        if not clear:
            super().refused(answer)
        # No sooner than the page asks for would take too long here; a moment, so that others get the processor.
        self.stop.wait(0.05)

    def is_asked_to_wait(self, answer) -> bool:
        return int(answer.headers["Retry-After"]) > 0


class PatientByApi(Patient, ApiWriter):
    def is_asked_to_wait(self, answer) -> bool:
        return json.loads(answer.text)["Code"] == "ServiceUnavailable" and int(answer.headers["x-acs-retry-after"]) > 0


@postgresql
def test_a_database_that_is_restarted_while_people_write(server, cluster):
    """At random moments, without warning: every answer is clear, what was acknowledged stays, nobody has to help."""
    chance = random.Random("restarts")  # noqa: S311 - the same moments every time
    with Crowd(server, Patient, PatientByApi) as crowd:
        crowd.go_on(lambda: all(writer.acknowledged for writer in crowd.writers))
        for _ in range(RESTARTS):
            crowd.pause(chance.uniform(0.1, 0.6))
            cluster.stop()
            crowd.pause(chance.uniform(0, 0.2))
            cluster.start()
            # By itself.
            before = crowd.acknowledged
            crowd.go_on(lambda before=before: crowd.acknowledged > before + len(crowd.writers))
    away = sum(writer.told_away for writer in crowd.writers)
    print(f"{RESTARTS} restarts, {crowd.acknowledged} writes acknowledged, {away} requests told that it is away")
    assert away > RESTARTS
    # The console itself was never in trouble: it answered everything.
    assert crowd.unanswered == 0
    everything_is_there(server, crowd.writers)


AT_COMMIT = """
CREATE FUNCTION at_commit() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {do}; RETURN NULL; END $$;
CREATE CONSTRAINT TRIGGER at_commit AFTER INSERT ON connections_cen DEFERRABLE INITIALLY DEFERRED
FOR EACH ROW EXECUTE FUNCTION at_commit();
"""


@postgresql
def test_a_connection_that_breaks_off_at_commit_leaves_it_open_what_was_saved(server, alice, cluster):
    """The answer to COMMIT did not come. It may have been done, and the page must not say that it was not."""
    submit = fill(alice, "whether-or-not")
    with psycopg.connect(cluster.url, autocommit=True) as other:
        other.execute(AT_COMMIT.format(do="PERFORM pg_terminate_backend(pg_backend_pid())"))
        answer = submit()
        assert answer.status == 503
        assert "not known whether" in answer.text
        assert "Nothing was saved" not in answer.text
        other.execute("DROP TRIGGER at_commit ON connections_cen")
    # The same form again is the way to be sure.
    assert submit().status == 302
    assert submit().status == 302
    assert alice.get("/cens/").text.count(">whether-or-not<") == 1
    sound(server)


@postgresql
def test_what_was_saved_before_the_trouble_is_not_denied(server, alice, cluster):
    """Of several that are deleted at once each is an operation of its own; here the second one fails."""
    path = f"/{REGION}/connections/delete/"
    gateway = re.search(r"cgw-\w+", alice.get(f"/{REGION}/customer-gateways/").text)[0]
    form = main_form(alice.get(f"/{REGION}/connections/create/").text) | {"tunnel1-customer_gateway": [gateway]}
    for name in ("one", "two"):
        assert alice.post(f"/{REGION}/connections/create/", form | {"name": [name]}).status == 302
    listed = re.findall(r"vco-\w+", alice.get(f"/{REGION}/connections/?state=init").text)
    ids = sorted(set(listed))[:2]
    assert len(ids) == 2
    first, second = re.findall(r'name="id" value="(vco-\w+)"', alice.get(f"{path}?id={ids[0]}&id={ids[1]}").text)
    with psycopg.connect(cluster.url, autocommit=True) as other:
        other.execute(f"""
            CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS
            $$ BEGIN RAISE EXCEPTION 'full' USING ERRCODE = '53100'; END $$;
            CREATE TRIGGER fail BEFORE DELETE ON connections_connection
            FOR EACH ROW WHEN (OLD.resource_id = '{second}') EXECUTE FUNCTION fail();
        """)
        answer = alice.post(path, {"id": [first, second]})
        assert answer.status == 503
        assert "Something was saved" in answer.text
        assert "Nothing was saved" not in answer.text
        other.execute("DROP TRIGGER fail ON connections_connection")
    answer = alice.post(path, {"id": [first, second]})
    assert "2 of 2 deleted." in answer.text
    sound(server)


@postgresql
def test_a_session_that_cannot_be_saved_does_not_deny_what_was(server, alice, cluster):
    """The work is committed; the disk is full when the session is saved after it."""
    form = main_form(alice.get("/cens/create/").text) | {"name": ["before-the-session"]}
    with psycopg.connect(cluster.url, autocommit=True) as other:
        other.execute("""
            CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS
            $$ BEGIN RAISE EXCEPTION 'full' USING ERRCODE = '53100'; END $$;
            CREATE TRIGGER fail BEFORE UPDATE ON django_session FOR EACH ROW EXECUTE FUNCTION fail();
        """)
        answer = alice.post("/cens/create/?region=cn-beijing", form)
        assert answer.status == 503
        assert "Something was saved" in answer.text
        other.execute("DROP TRIGGER fail ON django_session")
    assert alice.get("/cens/").text.count(">before-the-session<") == 1
    sound(server)


@postgresql
def test_a_call_whose_commit_was_not_answered_is_done_once_with_its_token(server, alice, cluster):
    """Its client cannot know either. Sent again under the same token it is done now, or was done already."""
    with psycopg.connect(cluster.url, autocommit=True) as other:
        other.execute(AT_COMMIT.format(do="PERFORM pg_terminate_backend(pg_backend_pid())"))
        for token in ({}, {"ClientToken": "whether-or-not"}):
            told_by_api(call(alice, "whether-or-not", **token), "cannot be reached", "not known whether")
        other.execute("DROP TRIGGER at_commit ON connections_cen")
    first, again = (json.loads(call(alice, "whether-or-not", **token).text) for _ in range(2))
    assert first["CenId"] == again["CenId"]
    assert alice.get("/cens/").text.count(">whether-or-not<") == 1
    sound(server)


@postgresql
def test_what_was_saved_while_its_server_was_killed_is_not_done_again(cluster, data, tmp_path):
    """The database goes on with what it was told; whoever asked gets no answer, and asks again."""
    env = environment(data, DATABASE_URL=cluster.url)
    with (
        served(env, tmp_path / "log") as server,
        psycopg.connect(cluster.url, autocommit=True) as other,
        ThreadPoolExecutor(1) as pool,
    ):
        alice = Browser(server, "alice")
        asking = {"by-page": fill(alice, "by-page"), "by-api": lambda: call(alice, "by-api", ClientToken="by-api")}
        other.execute(AT_COMMIT.format(do="PERFORM pg_advisory_xact_lock(1)"))

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


# What a database is in want of, by the code with which it says so.
STATES = {
    "53100": "no room left",  # disk_full
    "57014": "did not finish in time",  # query_canceled, by statement_timeout
    "55P03": "is busy",  # lock_not_available, by lock_timeout
    "40P01": "is busy",  # deadlock_detected
    "40001": "is busy",  # serialization_failure
    "53300": "cannot be reached",  # too_many_connections
}


@postgresql
def test_what_postgresql_says_is_understood_in_any_language(server, alice, cluster):
    """Its sentences are those of the server's language; its codes are not."""
    submit = fill(alice, "in-trouble")
    for state, words in STATES.items():
        with psycopg.connect(cluster.url, autocommit=True) as other:
            raising = f"RAISE EXCEPTION 'Das hat nicht geklappt' USING ERRCODE = '{state}'"
            other.execute(AT_COMMIT.format(do=raising).replace("DEFERRABLE INITIALLY DEFERRED", ""))
            told(submit(), words)
            other.execute("DROP TRIGGER at_commit ON connections_cen")
            other.execute("DROP FUNCTION at_commit")
    assert submit().status == 302
    sound(server)


@pytest.fixture
def small_disk():
    """A file system of its own with room for 40 MB, in memory."""
    folder = Path(tempfile.mkdtemp(prefix="vpnconsole-disk-"))
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=40m", "none", folder], capture_output=True, text=True)
    if mounted.returncode:
        folder.rmdir()
        pytest.skip(f"a small disk cannot be mounted here: {mounted.stderr.strip()}")
    yield folder
    subprocess.run(["umount", folder], check=True)
    folder.rmdir()


@postgresql
def test_a_full_disk_under_postgresql(small_disk, cluster, tmp_path):
    """A real one: the tables lie on it, and something else takes all the room that is left."""
    tables = small_disk / "tables"
    tables.mkdir()
    if os.geteuid() == 0:
        os.chmod(small_disk, 0o755)  # noqa: S103 - it holds nothing but this
        shutil.chown(tables, "postgres", "postgres")
    with psycopg.connect(cluster.url, autocommit=True) as other:
        other.execute(f"CREATE TABLESPACE small LOCATION '{tables}'")
        other.execute("CREATE DATABASE small TABLESPACE small")
    try:
        address = cluster.url.rsplit("/", 1)[0] + "/small"
        with served(environment(tmp_path / "data", DATABASE_URL=address), tmp_path / "log") as server:
            fill_the_disk(server, small_disk)
            sound(server)
    finally:
        (small_disk / "ballast").unlink(missing_ok=True)
        with psycopg.connect(cluster.url, autocommit=True) as other:
            other.execute("DROP DATABASE small WITH (FORCE)")
            other.execute("DROP TABLESPACE small")


def fill_the_disk(server, disk) -> None:
    alice = Browser(server, "alice")
    ballast = disk / "ballast"
    done = subprocess.run(["dd", "if=/dev/zero", f"of={ballast}", "bs=4096"], capture_output=True, text=True)
    assert "No space left" in done.stderr
    # What fits into the pages that there are is still saved; then no page can be added.
    form = main_form(alice.get("/cens/create/").text)
    saved = None
    for number in range(400):
        # Every form is one of its own: sent twice, it would be done once.
        answer = alice.post("/cens/create/", form | {"name": [f"fills-{number}"], "description": ["x" * 250]})
        if answer.status != 302:
            break
        saved = number
    told(answer, "no room left")
    # Whoever only looks sees what was acknowledged, and nothing of what was not.
    page = alice.get("/cens/").text
    assert saved is None or f"fills-{saved}" in page
    assert f"fills-{number}" not in page
    ballast.unlink()
    assert alice.post("/cens/create/", form | {"name": [f"fills-{number}"], "description": ["x" * 250]}).status == 302
