"""The command line: `vpn-console` where the console is installed, `python3 dev.py` in a checkout."""

import argparse
import base64
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

from vpnconsole import environment, file_modes, paths, presenting, testing_server
from vpnconsole.addresses import bind_address, url
from vpnconsole.start_lock import locked


def fail(message: str) -> None:
    sys.exit(f"{paths.PROGRAM}: {message}")


def manage(*words: str) -> None:
    """Run a command of Django or of the console."""
    file_modes.keep_private()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "vpnconsole.settings")
    from django.core.management import execute_from_command_line
    from django.db import Error

    try:
        execute_from_command_line([paths.PROGRAM, *words])
    except Error as error:
        from connections.management import database_failure

        if "--traceback" in words or not (sentence := database_failure(error)):
            raise
        fail(sentence)


def command_line(*words: str) -> list[str]:
    """A command line that runs this program in another process.

    Installed, it does not import modules from the current folder.
    """
    return [sys.executable, *(["-P"] if paths.IS_INSTALLED else []), "-m", "vpnconsole", *words]


@contextmanager
def preparing() -> Iterator[Path]:
    """Create the data folder, and lock it against other commands that prepare it."""
    file_modes.keep_private()
    folder = paths.data_folder()
    file_modes.make_private(folder)
    with locked(folder):
        yield folder


# --- commands that serve


def check_environment(host: str) -> None:
    """Exit if it is unsafe to serve on this address with these environment variables."""
    if unsafe := list(environment.problems(os.environ)):
        fail("not started.\n- " + "\n- ".join(unsafe))
    # ALLOWED_HOSTS does not protect a demo: clients choose the Host header.
    demo, public = (environment.flag(os.environ, name) for name in ("DEMO_MODE", "DEMO_MODE_PUBLIC"))
    if demo and not public and not environment.is_here(host):
        fail(f"DEMO_MODE lets anybody in who reaches {host}. If that is the purpose, set DEMO_MODE_PUBLIC=1; "
             "otherwise set DEMO_MODE=0, or leave out --host.")  # fmt: skip


def prepare(*words: str, output=None) -> None:
    """Prepare the data folder and the database in a process of its own, which SIGTERM ends at any moment.

    A handler that raised could leave the process running: the signal may arrive while it is being started.
    """
    process, is_stopped = None, False

    def stop(*_) -> None:
        nonlocal is_stopped
        is_stopped = True
        if process:
            process.kill()

    before = signal.signal(signal.SIGTERM, stop)
    process = subprocess.Popen(command_line("manage", "prepare_to_serve", *words), stdout=output)
    if is_stopped:
        process.kill()
    status = process.wait()
    signal.signal(signal.SIGTERM, before)
    if is_stopped or status:
        sys.exit(128 + signal.SIGTERM if is_stopped else status)


def serve_with_gunicorn(**options) -> None:
    """Serve in this process, with vpnconsole/gunicorn.conf.py and these options of gunicorn's. Never returns."""
    from gunicorn.app.base import Application

    class Console(Application):
        """gunicorn without its command, which would add the current folder to sys.path."""

        def load_config(self):
            self.load_config_from_file(str(paths.PACKAGE / "gunicorn.conf.py"))
            for name, value in options.items():
                self.cfg.set(name, value)

        def load(self):
            from vpnconsole.wsgi import application

            return application

    Console().run()


def run(args) -> None:
    """Serve the console with its demo data on this machine."""
    with testing_server.own_data() if args.testing else nullcontext():
        _run(args)


def _run(args) -> None:
    os.environ.setdefault("DEMO_MODE", "1")
    if args.testing:
        os.environ["KIT"] = "1"
    os.environ.setdefault("KIT", "1")
    check_environment(args.host)
    # gunicorn does not reload templates, and does not run on Windows.
    with_django = args.reload or os.name == "nt"
    if with_django and args.testing:
        fail("--testing takes gunicorn, which neither reloads nor runs on Windows.")
    address = bind_address(args.host, args.port)
    if with_django and not args.port:
        fail("with --reload, and on Windows, choose a port other than 0.")
    with socket.socket(socket.AF_INET6 if ":" in args.host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((args.host, args.port))
        except OSError as error:
            fail(f"cannot serve on {args.host}:{args.port} ({error.strerror}). Choose another port: --port 8001")
    with preparing():
        # With port 0, standard output has nothing but the line of JSON from gunicorn.conf.py.
        prepare(output=None if args.port else sys.stderr)
    if args.port:
        print(f"VPN Console: {url(args.host, args.port)}  (stop with Ctrl+C)", flush=True)
    if with_django:
        os.environ["DJANGO_RUNSERVER_HIDE_WARNING"] = "true"
        if args.reload:
            os.environ.setdefault("DEBUG", "1")
        words = command_line("manage", "runserver", address, *([] if args.reload else ["--noreload"]))
        os.execv(words[0], words)  # noqa: S606
    options = testing_server.OPTIONS | {"post_fork": testing_server.end_with(args.parent)} if args.testing else {}
    serve_with_gunicorn(bind=address, workers=1, max_requests=0, loglevel="warning", **options)


def open_world(args) -> None:
    """Show a world that a test has left as a file."""
    try:
        testing_server.show(args.file, args.persona, command_line())
    except OSError as error:
        fail(f"{args.file}: {error.strerror}")


def present(args) -> None:
    """Open a world with the presenter's panel. See docs/presenters.md."""
    presenting.present(args.scenario, args.walk, args.persona, args.url, command_line())


def walk(*words: str) -> None:
    """Do a walk in a browser: FILE or NAME. See docs/walks.md."""
    os.environ["KIT"] = "1"
    with testing_server.own_data():
        manage("walk", *words)


def metrics_folder(data: Path) -> Path:
    """The folder in which the processes that serve this data count for /metrics.

    It is in memory if possible: on a full disk, the system would kill processes that count.
    """
    return paths.memory_folder(data, "metrics") or data.resolve() / "metrics"


def serve(args) -> None:
    """Serve in production: several processes, secrets from the environment. See docs/production.md."""
    os.environ["PRODUCTION"] = "1"
    # Without a handler, the first process of a container ignores the signal. gunicorn installs its own later.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    check_environment(args.host)
    with preparing() as data:
        folder = metrics_folder(data)
        # Each start counts from zero.
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True, mode=0o700)
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(folder)
        prepare(*(["--no-migrate"] if args.no_migrate else []))
    if os.environ.get("PLAIN_HTTP") == "1":
        print("PLAIN_HTTP is set: passwords and keys can be read on their way through the network.", flush=True)
    serve_with_gunicorn(bind=bind_address(args.host, args.port))


def print_secrets(args) -> None:
    """Print new secrets for the environment of `serve`. Keep them: stored keys cannot be read without."""
    # Neither key has characters that a shell interprets.
    print(f"SECRET_KEY={secrets.token_hex(32)}")
    print(f"ENCRYPTION_KEYS={base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()}")


# --- commands that pass on their arguments


def reset(*words: str) -> None:
    """Delete everything and load the demo data again."""
    os.environ.setdefault("DEMO_MODE", "1")
    with preparing():
        manage("reset_demo", *words)


def backup(*words: str) -> None:
    """Write everything into one file, also while the console serves: FILE."""
    manage("backup", *words)


def restore(*words: str) -> None:
    """Put back what a backup holds: FILE, and --replace if something is there."""
    with preparing():
        manage("migrate", "--verbosity", "0")
        manage("restore", *words)


PASSING_ON = {"walk": walk, "reset": reset, "backup": backup, "restore": restore, "manage": manage}


def main() -> None:
    parser = argparse.ArgumentParser(prog=paths.PROGRAM, description="The VPN Console.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for function in (run, serve):
        serving = commands.add_parser(function.__name__, help=function.__doc__, description=function.__doc__)
        serving.set_defaults(function=function)
        serving.add_argument("--port", type=int, default=8000, help="0: a free one; prints JSON when ready")
        serving.add_argument("--host", default="127.0.0.1")
        if function is run:
            serving.add_argument("--reload", action="store_true", help="for developers: restart when a file changes")
            serving.add_argument("--testing", action="store_true", help="for test runners: see docs/testers.md")
            serving.add_argument(
                "--parent", type=int, default=os.getppid(), metavar="PID",
                help="with --testing: the process with which the server ends (default: the one that started it)",
            )  # fmt: skip
        else:
            serving.add_argument("--no-migrate", action="store_true", help="another machine migrates the database")
    commands.add_parser("secrets", help=print_secrets.__doc__).set_defaults(function=print_secrets)
    opening = commands.add_parser("open", help=open_world.__doc__, description=open_world.__doc__)
    opening.set_defaults(function=open_world)
    opening.add_argument("file", type=Path, help="world.sqlite3.gz, beside the traces of the test")
    opening.add_argument("--as", dest="persona", default="alice", help="who is signed in (default: alice)")
    shows = commands.add_parser("present", help=present.__doc__, description=present.__doc__)
    shows.set_defaults(function=present)
    shows.add_argument("--scenario", default="", help="what is in the world (default: the walk's, or real-clock)")
    shows.add_argument("--walk", default="", metavar="NAME", help="a walk to play: see `walk --list`")
    shows.add_argument("--as", dest="persona", default="", help="who is signed in (default: the walk's, or alice)")
    shows.add_argument("--url", default="", help="a running console instead of one of its own; KIT_TOKEN has its token")
    for name, command in PASSING_ON.items():
        commands.add_parser(name, help=command.__doc__)
    try:
        # argparse would interpret options among these arguments.
        if passing_on := PASSING_ON.get((sys.argv[1:] or [""])[0]):
            passing_on(*sys.argv[2:])
        else:
            args = parser.parse_args()
            args.function(args)
    except KeyboardInterrupt:
        sys.exit(130)
