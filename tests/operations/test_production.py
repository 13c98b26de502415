"""The console in production: what it refuses, what it reports, and how it stops."""

import fcntl
import json
import re
import select
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager, suppress
from functools import partial
from pathlib import Path
from urllib.parse import urlencode

import pytest
from cryptography.fernet import Fernet
from django.core.checks import run_checks

from dev import ROOT
from vpnconsole import file_modes
from vpnconsole.cli import command_line, metrics_folder
from vpnconsole.environment import problems
from vpnconsole.logs import redacted
from vpnconsole.testing.ports import free_port
from vpnconsole.testing.served import Browser, Server, children, environment, manage, open_to_others, prepared, served
from vpnconsole.testing.together import at_once
from vpnconsole.testing.waiting import PATIENCE, wait_for

SAFE = {
    "PRODUCTION": "1",
    "SECRET_KEY": "0123456789abcdef" * 4,
    "ENCRYPTION_KEYS": Fernet.generate_key().decode(),
    "ALLOWED_HOSTS": "vpn.example.com",
}


def test_a_safe_environment_is_safe():
    assert list(problems(SAFE)) == []
    assert list(problems({})) == []


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"DEBUG": "1"}, "DEBUG"),
        ({"SECRET_KEY": ""}, "SECRET_KEY"),
        ({"SECRET_KEY": "x" * 64}, "SECRET_KEY"),
        ({"SECRET_KEY": "0123456789abcdef"}, "SECRET_KEY"),
        ({"ENCRYPTION_KEYS": ""}, "ENCRYPTION_KEYS"),
        ({"ENCRYPTION_KEYS": "secret"}, "ENCRYPTION_KEYS"),
        ({"ENCRYPTION_KEYS": f"{Fernet.generate_key().decode()},{'A' * 43}="}, "ENCRYPTION_KEYS"),
        ({"ALLOWED_HOSTS": ".example.com"}, "ALLOWED_HOSTS"),
        ({"ALLOWED_HOSTS": ""}, "ALLOWED_HOSTS"),
        ({"ALLOWED_HOSTS": "*"}, "ALLOWED_HOSTS"),
        ({"ALLOWED_HOSTS": "vpn.example.com,*.example.com"}, "ALLOWED_HOSTS"),
        ({"DEMO_MODE": "1"}, "DEMO_MODE"),
        ({"PLAIN_HTTP": "1", "BEHIND_PROXY": "1"}, "PLAIN_HTTP"),
    ],
)
def test_what_is_unsafe_is_named(changed, named):
    (problem,) = problems(SAFE | changed)
    assert problem.startswith(named)


@pytest.mark.parametrize("command", ["run", "serve"])
def test_a_demo_is_not_offered_to_other_machines_by_its_address_either(tmp_path, command):
    """Clients choose the Host header, so ALLOWED_HOSTS does not protect a demo."""
    words = [sys.executable, "dev.py", command, "--host", "192.0.2.7", "--port", str(free_port())]
    done = subprocess.run(words, cwd=ROOT, env=environment(tmp_path), capture_output=True, text=True)
    assert done.returncode == 1
    assert "DEMO_MODE_PUBLIC=1" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_an_unsafe_server_does_not_start_and_says_everything_at_once(tmp_path):
    env = environment(tmp_path, SECRET_KEY="", DEBUG="1")
    done = subprocess.run([sys.executable, "dev.py", "serve"], cwd=ROOT, env=env, capture_output=True, text=True)
    assert done.returncode == 1
    assert "SECRET_KEY must be set" in done.stderr
    assert "DEBUG shows" in done.stderr
    assert "Traceback" not in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_no_other_door_starts_it_unsafe_either(tmp_path):
    env = environment(tmp_path, PRODUCTION="1", SECRET_KEY="")
    done = subprocess.run([sys.executable, "-c", "import vpnconsole.wsgi"], cwd=ROOT, env=env, capture_output=True)
    assert done.returncode == 1
    assert b"SECRET_KEY must be set" in done.stderr


@pytest.mark.parametrize("more", [{"PLAIN_HTTP": ""}, {"PLAIN_HTTP": "1"}, {"PLAIN_HTTP": "", "BEHIND_PROXY": "1"}])
def test_djangos_own_check_finds_nothing(tmp_path, more):
    done = manage(environment(tmp_path, PRODUCTION="1", **more), "check", "--deploy", "--fail-level", "WARNING")
    assert done.returncode == 0, done.stderr


def test_new_secrets_are_accepted():
    done = subprocess.run([sys.executable, "dev.py", "secrets"], cwd=ROOT, capture_output=True, text=True, check=True)
    made = dict(line.split("=", 1) for line in done.stdout.splitlines())
    assert list(problems(SAFE | made)) == []
    Fernet(made["ENCRYPTION_KEYS"])


def test_a_lost_encryption_key_is_noticed_before_anybody_needs_it(tmp_path):
    env = prepared(tmp_path, PRODUCTION="1")
    other = environment(tmp_path, PRODUCTION="1")
    done = manage(other, "prepare_to_serve")
    assert done.returncode == 1
    assert "cannot be opened" in done.stderr
    both = env | {"ENCRYPTION_KEYS": f"{other['ENCRYPTION_KEYS']},{env['ENCRYPTION_KEYS']}"}
    assert manage(both, "prepare_to_serve").returncode == 0


@pytest.mark.parametrize("words", [["check"], ["makemigrations", "--check"]], ids=" ".join)
def test_commands_that_need_no_data_create_neither_a_folder_nor_a_key(tmp_path, words):
    done = manage(environment(tmp_path / "data", SECRET_KEY="", ENCRYPTION_KEYS=""), *words)
    assert done.returncode == 0, done.stderr
    assert list(tmp_path.iterdir()) == []


def test_commands_close_a_data_folder_that_was_open(tmp_path):
    """Such as one of an earlier version, with the default modes."""
    data = tmp_path / "data"
    env = environment(data, SECRET_KEY="", ENCRYPTION_KEYS="")
    assert manage(env, "migrate", "-v0").returncode == 0
    assert open_to_others(data) == []
    for path in (data, *data.iterdir()):
        path.chmod(0o777)
    assert manage(env, "migrate", "-v0").returncode == 0
    assert open_to_others(data) == []


def test_a_folder_that_is_not_the_consoles_alone_is_left_as_it_is(tmp_path):
    (tmp_path / "of-somebody").touch()
    tmp_path.chmod(0o755)
    file_modes.make_private(tmp_path)
    assert tmp_path.stat().st_mode & 0o777 == 0o755
    (tmp_path / file_modes.DATABASE).touch()
    tmp_path.chmod(0o1777)
    file_modes.make_private(tmp_path)
    assert open_to_others(tmp_path) == [tmp_path, tmp_path / "of-somebody"]


def test_files_that_others_can_open_are_named(tmp_path, settings):
    backup = tmp_path / "backup.gz"
    backup.touch()
    backup.chmod(0o644)
    settings.DATA_DIR = tmp_path
    tmp_path.chmod(0o755)
    (found,) = run_checks()
    assert (found.id, str(backup) in found.msg) == ("vpnconsole.W001", True)
    tmp_path.chmod(0o700)
    assert run_checks() == []


class Development(Server):
    """The server that `dev.py run` starts: one process."""

    def command(self):
        return command_line("run", "--port", str(self.port))

    def is_ready(self):
        return self.get("/readyz")[0] == 200


def test_three_that_start_at_once_on_an_empty_folder_all_serve(tmp_path):
    data = tmp_path / "data"
    env = environment(data, SECRET_KEY="", ENCRYPTION_KEYS="")
    servers = [Development(env, tmp_path / f"log{number}") for number in range(3)]
    try:
        assert at_once(*(server.start for server in servers)) == [None] * 3
        assert all(Browser(server, "alice").get("/cens/").status == 200 for server in servers)
    finally:
        for server in servers:
            server.kill()
    assert open_to_others(data) == []
    logs = [server.log.read_text() for server in servers]
    assert [log for log in logs if "Traceback" in log] == []
    assert sum("Loading the demo data" in log for log in logs) == 1


@pytest.fixture(scope="module")
def at_home(tmp_path_factory):
    """The environment of `dev.py run` with a database and generated keys, and its folder."""
    folder = tmp_path_factory.mktemp("home")
    env = environment(folder, SECRET_KEY="", ENCRYPTION_KEYS="", PLAIN_HTTP="")
    assert manage(env, "prepare_to_serve").returncode == 0
    return env, folder


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("encryption-keys", None, "encryption-keys is missing or empty"),
        ("encryption-keys", "", "encryption-keys is missing or empty"),
        ("encryption-keys", f"{Fernet.generate_key().decode()}\n", "cannot be opened"),
        ("secret-key", "", "secret-key is empty"),
    ],
    ids=["no keys", "empty keys", "other keys", "empty secret key"],
)
def test_a_server_without_its_keys_does_not_start_and_makes_no_others(at_home, name, content, words):
    env, folder = at_home
    kept = (folder / name).read_bytes()
    (folder / name).unlink()
    if content is not None:
        (folder / name).write_text(content)
    try:
        command = [sys.executable, "dev.py", "run", "--port", str(free_port())]
        done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=PATIENCE)
        assert done.returncode == 1
        (sentence,) = done.stderr.splitlines()
        assert words in sentence
        assert ((folder / name).read_text() if (folder / name).exists() else None) == content
        # Commands that need no key still work.
        assert manage(env, "clearsessions").returncode == 0
    finally:
        (folder / name).write_bytes(kept)


def test_a_missing_secret_key_is_replaced_with_a_warning(at_home):
    env, folder = at_home
    (folder / "secret-key").unlink()
    done = manage(env, "migrate", "-v0")
    assert done.returncode == 0
    (sentence,) = done.stderr.splitlines()
    assert sentence == f"{folder / 'secret-key'} was missing. It has a new key: everybody has to sign in again."
    assert manage(env, "migrate", "-v0").stderr == ""


@pytest.mark.parametrize("has_folder", [False, True])
def test_a_backup_of_nothing_is_refused_in_one_sentence_and_leaves_no_file(tmp_path, has_folder):
    data, file = tmp_path / "data", tmp_path / "file"
    if has_folder:
        data.mkdir()
    done = manage(environment(data), "backup", str(file))
    (sentence,) = done.stderr.splitlines()
    assert done.returncode == 1
    assert ("has no tables" if has_folder else "is unavailable (unreachable)") in sentence
    assert not file.exists()


@pytest.mark.parametrize("words", [["clearsessions"], ["migrate", "connections", "zero"]], ids=" ".join)
def test_a_command_that_cannot_write_ends_with_one_sentence(at_home, words):
    env, folder = at_home
    with closing(sqlite3.connect(folder / "console.sqlite3", isolation_level=None)) as database:
        database.execute("BEGIN IMMEDIATE")
        done = manage(env | {"DATABASE_TIMEOUT": "0.1"}, *words, "--verbosity", "0")
    assert done.returncode == 1
    assert done.stderr.splitlines() == ["python3 dev.py: the database is unavailable (busy)."]


def test_a_command_that_does_not_reach_its_database_ends_with_one_sentence(tmp_path):
    address = f"postgresql://console@127.0.0.1:{free_port()}/console"
    done = manage(environment(tmp_path, DATABASE_URL=address), "check_data")
    assert done.returncode == 1
    assert done.stderr.splitlines() == ["python3 dev.py: the database is unavailable (unreachable)."]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("production")


@pytest.fixture(scope="module")
def server(folder):
    with served(environment(folder / "data"), folder / "log") as running:
        yield running


POLICY = "default-src 'none'"


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/login/", 200),
        ("/", 302),
        ("/nothing-here/", 404),
        ("/static/nothing.css", 404),
        ("/livez", 200),
        ("/readyz", 200),
        ("/metrics", 200),
    ],
)
def test_every_answer_has_the_headers(server, path, status):
    # urllib would follow the redirect.
    answer = Browser(server).get(path)
    assert answer.status == status
    headers = answer.headers
    assert POLICY in headers["Content-Security-Policy"]
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert headers["Permissions-Policy"]
    assert re.fullmatch(r"[0-9A-F-]{36}", headers["X-Request-ID"])


def test_nobody_else_can_open_what_the_server_keeps(server):
    assert Browser(server, "alice").get("/cens/").status == 200
    data = Path(server.env["VPNCONSOLE_DATA"])
    assert open_to_others(data) + open_to_others(metrics_folder(data)) == []


def test_a_host_that_nobody_named_is_refused_with_the_headers(server):
    status, headers, body = server.get("/login/", Host="elsewhere.example")
    assert status == 400
    assert POLICY in headers["Content-Security-Policy"]
    assert b"cannot be read" in body


def test_static_files_are_compressed_and_kept_for_good(server):
    page = server.get("/login/")[2].decode()
    (path,) = re.findall(r'href="(/static/console/base\.[0-9a-f]{12}\.css)"', page)
    for coding in ("br", "gzip"):
        status, headers, _ = server.get(path, Accept_Encoding=coding)
        assert (status, headers["Content-Encoding"]) == (200, coding)
        assert "immutable" in headers["Cache-Control"]
        assert int(re.search(r"max-age=(\d+)", headers["Cache-Control"])[1]) > 300 * 24 * 3600
        assert POLICY in headers["Content-Security-Policy"]
        assert "Access-Control-Allow-Origin" not in headers


def test_probes_are_answered_whatever_the_host(server):
    for path in ("/livez", "/readyz"):
        assert server.get(path, Host="10.0.0.7:8000")[0] == 200
    assert Browser(server).ask("POST", "/livez").status == 405


def test_numbers_of_all_processes_come_together(server):
    before = server.get("/metrics")[2].decode()
    for _ in range(12):
        assert server.get("/login/")[0] == 200
    after = server.get("/metrics")[2].decode()

    def count(text):
        found = re.search(r'vpnconsole_requests_total\{method="GET",status="200",view="login"\} ([\d.]+)', text)
        return float(found[1]) if found else 0

    assert count(after) == count(before) + 12
    assert re.search(r'vpnconsole_operations_total\{operation="CreateVpnAttachment",outcome="success"\} 11', after)


def test_the_log_is_json_with_request_account_and_user_and_no_secret(server):
    browser = Browser(server, "alice")
    answer = browser.get("/cens/?q=psk%3Dplanted-in-query")
    assert answer.status == 200
    lines = [json.loads(line) for line in server.log.read_text().splitlines() if line.startswith("{")]
    (mine,) = [line for line in lines if line.get("request_id") == answer.headers["X-Request-ID"]]
    assert (mine["method"], mine["path"], mine["status"], mine["user"]) == ("GET", "/cens/", 200, "alice")
    assert re.fullmatch(r"\d{16}", mine["account"])
    text = server.log.read_text()
    for secret in ("planted-in-query", *browser.cookies.values(), server.env["SECRET_KEY"]):
        assert secret not in text


@pytest.mark.parametrize(
    "text",
    [
        "psk=PLANTED",
        '{"Psk": "PLANTED"}',
        "PreSharedKey: PLANTED",
        "tunnel1-psk=PLANTED&name=x",
        "TunnelOptionsSpecification.1.TunnelIkeConfig.Psk=PLANTED",
        "auth_key='PLANTED'",
        "AuthKey=PLANTED",
        "Authorization: Bearer PLANTED",
        "password=PLANTED",
        "AccessKeySecret=PLANTED",
        "Signature=PLANTED%3D",
        "Cookie: sessionid=PLANTED; csrftoken=PLANTED",
        "ENCRYPTION_KEYS=PLANTED",
        "postgresql://console:PLANTED@db/console",
        "gAAAAABPLANTED0000000000000000000000000000",
    ],
)
def test_a_log_line_loses_what_is_named_like_a_secret(text):
    assert "PLANTED" not in redacted(text)
    assert redacted("GET /eu-central-1/connections/ 200") == "GET /eu-central-1/connections/ 200"


@pytest.mark.parametrize(
    "piece",
    [
        "a",
        "-",
        "psk",
        "psk ",
        "csrf",
        "token=",
        "token='",
        "://",
        "://a:",
        "accesskey",
        "gAAAA",
        "secret-",
        ": ",
        "psk= ",
    ],
)
def test_reading_a_line_for_secrets_takes_as_long_as_the_line(piece):
    """A single URL of this length used to keep a process busy for hours."""
    text = piece * (60_000 // len(piece))
    assert len(redacted(text)) <= len(text)


def test_numbers_are_for_this_machine_or_for_who_knows_the_token(folder):
    with served(prepared(folder / "token", METRICS_TOKEN="let-me-see"), folder / "token.log") as running:
        assert running.get("/metrics")[0] == 401
        assert running.get("/metrics", Authorization="Bearer wrong")[0] == 401
        assert running.get("/metrics", Authorization="Bearer let-me-see")[0] == 200


def test_https_is_what_production_means(folder):
    env = prepared(folder / "https", PLAIN_HTTP="", BEHIND_PROXY="1", METRICS_TOKEN="x", RATE_LIMIT="60")
    with served(env, folder / "https.log") as running:
        answer = Browser(running).get("/login/")
        assert (answer.status, answer.headers["Location"]) == (301, f"https://127.0.0.1:{running.port}/login/")
        assert POLICY in answer.headers["Content-Security-Policy"]
        browser = Browser(running)
        answer = browser.get("/login/", X_Forwarded_Proto="https", X_Forwarded_For="198.51.100.1, 192.0.2.7")
        assert answer.status == 200
        assert "max-age=31536000" in answer.headers["Strict-Transport-Security"]
        assert all("Secure" in text and "SameSite" in text for text in answer.headers.get_all("Set-Cookie"))
        # Requests without a pause are limited by client.
        statuses = []
        while 429 not in statuses and len(statuses) < 700:
            answer = browser.get("/login/", X_Forwarded_Proto="https", X_Forwarded_For="192.0.2.8")
            statuses.append(answer.status)
        assert statuses[:20] == [200] * 20
        assert statuses[-1] == 429
        assert running.get("/livez")[0] == 200
        other = browser.get("/login/", X_Forwarded_Proto="https", X_Forwarded_For="192.0.2.9")
        assert other.status == 200


def test_all_processes_count_a_clients_requests_together(folder):
    """Each of the four processes would accept twenty at once if it counted alone."""
    env = prepared(folder / "bounds", RATE_LIMIT="60", WEB_CONCURRENCY="4", BEHIND_PROXY="1", PLAIN_HTTP="",
                   METRICS_TOKEN="x")  # fmt: skip
    with served(env, folder / "bounds.log") as running:
        assert len(children(running.process.pid)) == 4
        statuses, began = [], time.monotonic()

        def ask():
            browser = Browser(running)
            for _ in range(15):
                answer = browser.get("/login/", X_Forwarded_Proto="https", X_Forwarded_For="192.0.2.10")
                statuses.append(answer.status)

        assert at_once(*[ask] * 8) == [None] * 8
        taken = time.monotonic() - began
        assert len(statuses) == 120
        # Twenty, and one more per second.
        assert 20 <= statuses.count(200) <= 20 + taken + 1
        assert statuses.count(200) + statuses.count(429) == 120


def test_wrong_passwords_are_counted_by_all_servers_of_a_database(folder):
    """Two servers, as on two machines: after five wrong passwords, both refuse even the right one."""
    env = prepared(folder / "guessing")
    with served(env, folder / "first.log") as first, served(env, folder / "second.log", "--no-migrate") as second:
        people = [Browser(first), Browser(second)]
        for person in people:
            person.get("/login/")

        def guess(person, password):
            return person.post("/login/", {"username": "alice", "password": password})

        for number in range(5):
            assert guess(people[number % 2], f"wrong-{number}").status == 200
        answers = [guess(person, "whatever") for person in people]
        assert [answer.status for answer in answers] == [429, 429]
        assert all(0 < int(answer.headers["Retry-After"]) <= 900 for answer in answers)


# More of each kind than there are threads: two processes with four each.
MANY = 24
HEAD = b"GET /login/ HTTP/1.1\r\nHost: 127.0.0.1\r\n"
FORM = b"POST /login/ HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/x-www-form-urlencoded\r\n"
SLOW_SENDERS = {
    "nothing": b"",
    "half a head": HEAD + b"X-Slow: ",
    "half a body": FORM + b"Content-Length: 1000\r\n\r\nusername=",
    "half a chunk": FORM + b"Transfer-Encoding: chunked\r\n\r\n3e8\r\nusername=",
}


@contextmanager
def crowd(server, *begun: bytes):
    """Many connections of each kind that have sent something and receive slowly."""
    with ExitStack() as stack:
        links = [stack.enter_context(socket.socket()) for _ in begun * MANY]
        for link, words in zip(links, begun * MANY, strict=True):
            # Small segments and buffers, so that the system does not buffer whole pages.
            link.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, 536)
            link.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
            link.settimeout(PATIENCE)
            link.connect(("127.0.0.1", server.port))
            link.sendall(words)
        yield links


def test_nobody_is_kept_out_by_those_who_send_nothing_more(server):
    """With gunicorn's worker and no proxy, each of them would keep a thread."""
    with crowd(server, *SLOW_SENDERS.values()) as slow:
        for _ in range(2):
            assert Browser(server, timeout=60).get("/login/").status == 200
        # It was answered before any of them was finished.
        assert select.select(slow, [], [], 0)[0] == []
        for one in slow:
            # A byte now and then is too slow.
            one.sendall(b"x")
        for one in slow:
            assert one.recv(1000) == b""


@pytest.mark.skipif("sys.platform == 'win32'", reason="segments cannot be made small there")
def test_clients_that_do_not_read_keep_nobody_out(server):
    page = server.get("/login/")[2].decode()
    (script,) = re.findall(r'src="(/static/django_htmx/htmx[^"]+)"', page)
    whole = server.get(script)[2]
    ask = f"GET {script} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n".encode()
    with crowd(server, ask) as slow:
        for one in slow:
            # The answer has begun.
            assert one.recv(8, socket.MSG_PEEK) == b"HTTP/1.1"
        assert Browser(server, timeout=60).get("/login/").status == 200
        # A client that reads after all receives the complete answer.
        for one in slow:
            assert b"".join(iter(partial(one.recv, 65536), b"")).endswith(b"\r\n\r\n" + whole)


def test_clients_that_do_not_close_keep_nobody_out(server):
    with crowd(server, HEAD.replace(b"/login/", b"/livez") + b"Connection: close\r\n\r\n") as slow:
        for one in slow:
            assert b"ok\n" in b"".join(iter(partial(one.recv, 1000), b""))
        assert Browser(server, timeout=60).get("/login/").status == 200
        # The server has dropped none of them: a dropped connection would answer with a reset.
        for one in slow:
            one.sendall(b"x")
        assert not any(one.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) for one in slow)


SMUGGLED = b"GET /livez HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"


@pytest.mark.parametrize(
    ("framing", "body", "status"),
    [
        (b"Content-Length: 4\r\nTransfer-Encoding: chunked", b"0\r\n\r\n", b"400"),
        (b"Transfer-Encoding: chunked\r\nContent-Length: 4", b"0\r\n\r\n", b"400"),
        (b"Content-Length: 1\r\nContent-Length: 2", b"ab", b"400"),
        (b"Content-Length: +1", b"a", b"400"),
        (b"Content-Length : 1", b"a", b"400"),
        (b"Content-Length: " + b"9" * 5000, b"", b"400"),
        (b"Transfer-Encoding: xchunked", b"0\r\n\r\n", b"501"),
        (b"Transfer-Encoding: chunked", b"zz\r\na\r\n0\r\n\r\n", b"400"),
        (b"Transfer-Encoding: chunked", b"1\r\nabc\r\n0\r\n\r\n", b"400"),
    ],
)
def test_a_request_that_two_servers_would_read_differently_is_refused(server, framing, body, status):
    with socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE) as link:
        link.sendall(FORM + framing + b"\r\n\r\n" + body + SMUGGLED)
        said = b"".join(iter(partial(link.recv, 65536), b""))
    assert said.split()[1] == status
    assert said.count(b"HTTP/1.1 ") == 1


def test_whoever_asks_first_is_told_to_go_on(server):
    with socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE) as link:
        link.sendall(FORM + b"Expect: 100-continue\r\nConnection: close\r\nContent-Length: 3\r\n\r\n")
        assert link.recv(25, socket.MSG_WAITALL) == b"HTTP/1.1 100 Continue\r\n\r\n"
        link.sendall(b"a=b")
        assert link.recv(12, socket.MSG_WAITALL) == b"HTTP/1.1 403"


def test_an_address_has_an_end(server):
    """Without a limit, a line could fill the memory. SDKs put whole requests into it."""

    def asked(length: int) -> bytes:
        with socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE) as link, suppress(ConnectionError):
            link.sendall(HEAD.replace(b"/login/", b"/login/?next=" + b"x" * length) + b"Connection: close\r\n\r\n")
            return link.recv(100)
        # It is refused before all of it is read.
        return b""

    assert b" 200 " in asked(60_000)
    assert b" 200 " not in asked(70_000)


def test_half_a_form_is_not_done(server):
    """The connection broke, so the body is incomplete."""
    browser = Browser(server, "alice")
    group = re.search(r'value="(rg-[^"]+)"', browser.get("/cens/create/").text)[1]
    form = urlencode({"csrfmiddlewaretoken": browser.cookies["csrftoken"], "name": "cut-off", "resource_group": group})
    cookies = "; ".join(f"{name}={value}" for name, value in browser.cookies.items())
    head = (f"POST /cens/create/ HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\nCookie: {cookies}\r\n"
            "Content-Type: application/x-www-form-urlencoded\r\n")  # fmt: skip
    for missing, answer in ((40, b""), (0, b"HTTP/1.1 302")):
        with socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE) as link:
            link.sendall(f"{head}Content-Length: {len(form) + missing}\r\n\r\n{form}".encode())
            link.shutdown(socket.SHUT_WR)
            assert link.recv(12, socket.MSG_WAITALL) == answer
        assert (">cut-off<" in browser.get("/cens/").text) == (missing == 0)


@pytest.mark.parametrize("name", ["SCRIPT_NAME", "PATH_INFO", "X-Forwarded-Proto", "X-Forwarded-Host"])
def test_no_header_says_where_one_is_or_how_one_came(server, name):
    """The server would trust them from this machine, where a proxy may run."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE) as link:
        link.sendall(HEAD + f"{name}: https\r\nConnection: close\r\n\r\n".encode())
        text = b"".join(iter(lambda: link.recv(65536), b"")).decode()
    assert text.startswith("HTTP/1.1 200")
    assert 'action="/language/"' in text
    assert "Strict-Transport" not in text


def test_methods_that_nobody_knows_are_counted_as_one(server):
    for method in ("AAAA", "BBBB", "PROPFIND"):
        assert Browser(server).ask(method, "/login/").status in (403, 405)
    numbers = server.get("/metrics")[2].decode()
    assert 'method="other"' in numbers
    assert not re.search(r'method="(AAAA|BBBB|PROPFIND)"', numbers)


@pytest.mark.parametrize("header", ["X_Forwarded_For", "X_Forwarded_Proto", "Forwarded", "Via", "X_Real_IP"])
def test_a_proxy_on_this_machine_does_not_open_the_numbers(server, header):
    assert server.get("/metrics", **{header: "198.51.100.7"})[0] == 403


def test_what_is_in_a_line_of_the_log_neither_ends_it_nor_fills_the_disk(server):
    path = "/%0a%7b%22level%22:1%7d%c2%9b2J%e2%80%a8" + "x" * 20_000
    answer = Browser(server).get(path)
    assert answer.status == 404
    lines = [line for line in server.log.read_text().split("\n") if "9b2J" in line]
    assert lines
    for line in lines:
        assert line.isascii()
        assert len(line) < 6000
        assert "saved" not in json.loads(line)


def test_a_server_that_is_told_to_stop_finishes_what_it_has_begun(folder):
    env = prepared(folder / "stop")
    with served(env, folder / "stop.log") as running:
        browser = Browser(running, "alice")
        path = "/cens/create/"
        group = re.search(r'value="(rg-[^"]+)"', browser.get(path).text)[1]
        address = folder / "stop" / "console.sqlite3"
        with (
            closing(sqlite3.connect(address, isolation_level=None)) as database,
            ThreadPoolExecutor(1) as pool,
            open(f"{address}-turn", "a") as turn,
        ):
            database.execute("BEGIN IMMEDIATE")
            written = pool.submit(browser.post, path, {"name": "in-flight", "resource_group": group})
            # The server has the turn to write, and waits for the lock that this test holds.
            wait_for(lambda: written.done() or _is_taken(turn), for_what="it is being served", evidence=running.said)
            running.process.terminate()
            wait_for(lambda: not _accepts(running.port), for_what="nobody else is let in", evidence=running.said)
            assert not written.done()
            database.execute("ROLLBACK")
            assert written.result(PATIENCE).status == 302
            assert running.process.wait(PATIENCE) == 0
            made = database.execute("SELECT count(*) FROM connections_cen WHERE name = 'in-flight'")
            assert made.fetchone() == (1,)


def test_a_server_that_is_told_to_stop_before_it_serves_stops(tmp_path):
    """The first process of a container ignores signals without a handler."""
    database = sqlite3.connect(tmp_path / "console.sqlite3", isolation_level=None)
    # The migration waits for this lock.
    database.execute("BEGIN EXCLUSIVE")
    with (tmp_path / "log").open("w") as log:
        words = [sys.executable, "dev.py", "serve", "--port", str(free_port())]
        starting = subprocess.Popen(words, cwd=ROOT, env=environment(tmp_path), stdout=log, stderr=log)
    try:

        def migrating() -> list[int]:
            # A child may end before its command line is read.
            with suppress(FileNotFoundError, ProcessLookupError):
                words = {one: Path(f"/proc/{one}/cmdline").read_bytes() for one in children(starting.pid)}
                return [one for one in words if b"prepare_to_serve" in words[one]]
            return []

        begun = wait_for(migrating, for_what="it migrates")
        starting.terminate()
        assert starting.wait(PATIENCE) == 128 + signal.SIGTERM
        assert not [pid for pid in begun if Path(f"/proc/{pid}").exists()]
    finally:
        starting.kill()
        starting.wait()
        database.close()


def _is_taken(turn) -> bool:
    """Whether another process has locked the file."""
    try:
        fcntl.flock(turn, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    fcntl.flock(turn, fcntl.LOCK_UN)
    return False


def _accepts(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0
