#!/usr/bin/env python3
"""The two commands that a fresh clone needs, and a few more. Only Python's standard library; see `help`."""

import argparse
import base64
import hashlib
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

from vpnconsole import safety

try:
    import fcntl
except ImportError:  # Windows: two commands at once may get in each other's way.
    fcntl = None

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
STAMP = VENV / "installed"


def fail(message: str) -> None:
    sys.exit(f"dev.py: {message}")


def say(message: str) -> None:
    print(message, flush=True)


def run(*command, **options) -> None:
    """Run a command; end with its exit code if it fails."""
    done = subprocess.run([str(word) for word in command], cwd=ROOT, **options)
    if done.returncode:
        sys.exit(done.returncode)


def in_ci() -> bool:
    """Whether this is continuous integration, which proves all there is to prove, and skips nothing of it."""
    return os.environ.get("CI", "").lower() not in ("", "0", "false")


def workers() -> int:
    """How many processes share the tests. More than four would wait for one disk and one browser each."""
    mine = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(mine, 4)


def is_root() -> bool:
    return hasattr(os, "geteuid") and os.geteuid() == 0


def apt_install(*packages: str) -> bool:
    """Install Debian packages if this is a machine and a user that can."""
    if not is_root() or not shutil.which("apt-get"):
        return False
    say(f"Installing {', '.join(packages)} with apt-get ...")
    quiet = {"stdout": subprocess.DEVNULL, "env": {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}}
    subprocess.run(["apt-get", "-o", "DPkg::Lock::Timeout=300", "update", "-qq"], **quiet)
    done = subprocess.run(["apt-get", "-o", "DPkg::Lock::Timeout=300", "install", "-y", "-qq", *packages], **quiet)
    return done.returncode == 0


@contextmanager
def alone(folder: Path):
    """Hold a folder's lock; other commands that start at the same moment wait for it."""
    with (folder / ".starting").open("w") as file:
        if fcntl:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                say(f"Waiting for another command that prepares {folder} ...")
                fcntl.flock(file, fcntl.LOCK_EX)
        yield


# --- the virtual environment -------------------------------------------------------------------------------------


def make_venv() -> None:
    """Make .venv with pip in it. Debian ships Python without the modules for that."""
    if subprocess.run([sys.executable, "-c", "import ensurepip, venv"], stderr=subprocess.DEVNULL).returncode:
        if not apt_install("python3-venv"):
            fail("this Python lacks the venv module. On Debian or Ubuntu: sudo apt-get install python3-venv")
    say("Making .venv ...")
    shutil.rmtree(VENV, ignore_errors=True)
    run(sys.executable, "-m", "venv", VENV)


def install(lock: str) -> None:
    """Bring .venv to what a lock says. A stamp, written last, makes the next start quick."""
    if sys.version_info < (3, 11):
        fail(f"Python 3.11 or newer is needed; this is {sys.version.split()[0]}.")
    if not is_installed(lock):
        with alone(ROOT):
            # Another command may have done it meanwhile.
            if not is_installed(lock):
                install_packages(lock)
            compile_messages()
    compile_messages()


def is_installed(lock: str) -> bool:
    """Whether .venv is what a lock says. The developers' lock holds everything of the other one."""
    there = STAMP.read_text().split() if STAMP.exists() and PYTHON.exists() else []
    return bool({digest(lock), digest("requirements-dev.txt")} & set(there))


def install_packages(lock: str) -> None:
    if not (STAMP.exists() and PYTHON.exists()):
        make_venv()
    STAMP.unlink(missing_ok=True)
    count = sum(1 for line in (ROOT / lock).read_text().splitlines() if line[:1].isalpha())
    say(f"Installing up to {count} packages of {lock} into .venv (only this time) ...")
    run(PYTHON, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps", "--require-hashes",
        "-r", lock)  # fmt: skip
    STAMP.write_text(digest(lock))


def compile_messages() -> None:
    """Make what Django reads of the message catalogues, where they are newer. Without gettext's own tools."""
    for catalogue in ROOT.glob("locale/*/LC_MESSAGES/django.po"):
        made = catalogue.with_suffix(".mo")
        if not made.exists() or made.stat().st_mtime_ns < catalogue.stat().st_mtime_ns:
            run(PYTHON, "-m", "tools.messages", "compile")


def digest(lock: str) -> str:
    return hashlib.sha256(sys.version.encode() + (ROOT / lock).read_bytes()).hexdigest()


# --- commands ----------------------------------------------------------------------------------------------------


def manage(*words: str) -> None:
    run(PYTHON, "manage.py", *words)


@contextmanager
def preparing():
    """Prepare the data folder: private, and one command at a time."""
    safety.keep_private()
    folder = ROOT / os.environ.get("VPNCONSOLE_DATA", "var")
    safety.make_private(folder)
    with alone(folder):
        yield folder


def refuse_public_demo(host: str) -> None:
    """Names of hosts keep nobody out who is reached by an address: whoever asks writes them."""
    demo, public = (safety.flag(os.environ, name) for name in ("DEMO_MODE", "DEMO_MODE_PUBLIC"))
    if demo and not public and not safety.is_here(host):
        fail(f"DEMO_MODE lets anybody in who reaches {host}. If that is the purpose, set DEMO_MODE_PUBLIC=1; "
             "otherwise set DEMO_MODE=0, or leave out --host.")  # fmt: skip


def command_run(args) -> None:
    """Serve the console with its demo data on this machine."""
    os.environ.setdefault("DEMO_MODE", "1")
    refuse_public_demo(args.host)
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((args.host, args.port))
        except OSError as error:
            fail(f"cannot serve on {args.host}:{args.port} ({error.strerror}). Choose another port: --port 8001")
    install("requirements.txt")
    with preparing():
        manage("migrate", "--verbosity", "0")
        manage("check_keys")
        if os.environ["DEMO_MODE"] == "1":
            manage("seed_demo")
            manage("show_demo")
    say(f"VPN Console: http://{args.host}:{args.port}/  (stop with Ctrl+C)")
    if args.reload or os.name == "nt":
        # gunicorn neither reads templates anew nor runs on Windows.
        os.environ["DJANGO_RUNSERVER_HIDE_WARNING"] = "true"
        if args.reload:
            os.environ.setdefault("DEBUG", "1")
        become("manage.py", "runserver", address(args), *([] if args.reload else ["--noreload"]))
    become(*GUNICORN, "--bind", address(args), "--workers", "1", "--max-requests", "0", "--log-level", "warning")


GUNICORN = ("-m", "gunicorn", "--config", "vpnconsole/gunicorn.conf.py")


def address(args) -> str:
    return f"[{args.host}]:{args.port}" if ":" in args.host else f"{args.host}:{args.port}"


def become(*words: str) -> None:
    """Run Python with these words in place of this process."""
    os.chdir(ROOT)
    os.execv(PYTHON, [str(PYTHON), *words])


def numbers_of(data: Path) -> Path:
    """Where the processes that serve this data count.

    In memory where there is such a place: a process whose numbers find no room on a full disk would be killed.
    """
    memory = Path("/dev/shm")  # noqa: S108 - a folder of its own, for its owner only
    folder = f"vpnconsole-metrics-{hashlib.sha256(str(data.resolve()).encode()).hexdigest()[:16]}"
    return memory / folder if memory.is_dir() else data.resolve() / "metrics"


def command_serve(args) -> None:
    """Serve in production: several processes, secrets from the environment. See docs/production.md."""
    os.environ["PRODUCTION"] = "1"
    if unsafe := list(safety.problems(os.environ)):
        fail("not started.\n- " + "\n- ".join(unsafe))
    # The first process of a container hears only signals that it listens to; gunicorn listens by itself.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    refuse_public_demo(args.host)
    install("requirements.txt")
    with preparing() as data:
        numbers = numbers_of(data)
        # Those of the processes before are of no use to those that start now.
        shutil.rmtree(numbers, ignore_errors=True)
        numbers.mkdir(parents=True, mode=0o700)
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(numbers)
        if not args.no_migrate:
            manage("migrate", "--verbosity", "0")
        manage("prepare_to_serve")
        if os.environ.get("DEMO_MODE") == "1":
            manage("seed_demo")
    if os.environ.get("PLAIN_HTTP") == "1":
        say("PLAIN_HTTP is set: passwords and keys can be read on their way through the network.")
    become(*GUNICORN, "--bind", address(args))


def command_secrets(args) -> None:
    """Print new secrets for the environment of `serve`. Keep them: stored keys cannot be read without."""
    # As Fernet makes its keys, and letters and digits for the other, which no shell reads in its own way.
    print(f"SECRET_KEY={secrets.token_hex(32)}")
    print(f"ENCRYPTION_KEYS={base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()}")


def command_install(args) -> None:
    """Make .venv with what serving needs, and nothing else."""
    install("requirements.txt")


def command_screenshots(args) -> None:
    """Take the pictures of the documentation anew, from a server of its own."""
    install("requirements-dev.txt")
    run(PYTHON, "-m", "vpnconsole.testing.machine", "browser")
    run(PYTHON, "-m", "tools.screenshots")


def command_reset(args) -> None:
    """Delete everything and load the demo data again."""
    install("requirements.txt")
    os.environ.setdefault("DEMO_MODE", "1")
    with preparing():
        manage("reset_demo")


def command_loadtest_data(args) -> None:
    """Add very many believable connections: loadtest-data N, or -h for what else it takes."""
    install("requirements.txt")
    os.environ.setdefault("DEMO_MODE", "1")
    with preparing():
        manage("migrate", "--verbosity", "0")
        manage("seed_demo")
    run(PYTHON, "-m", "bench.fill", *args.words)


def command_bench(args) -> None:
    """Measure the console's pages beside named baselines; -h for what else it takes."""
    install("requirements-dev.txt")
    run(PYTHON, "-m", "bench", *args.words)


def command_rotate_keys(args) -> None:
    """Seal stored secrets under a new encryption key."""
    install("requirements.txt")
    manage("rotate_keys")


def command_messages(args) -> None:
    """Bring the message catalogues up to date with the sources; say how many messages lack a translation."""
    install("requirements-dev.txt")
    run(PYTHON, "-m", "tools.messages", "update")


def command_audit(args) -> None:
    """Ask a public list of advisories about every pinned package."""
    run(sys.executable, "tools/audit.py", *args.words)


def command_backup(args) -> None:
    """Write everything into one file, also while the console serves."""
    install("requirements.txt")
    manage("backup", *args.words)


def command_restore(args) -> None:
    """Put back what a backup holds: FILE, and --replace if something is there."""
    install("requirements.txt")
    with preparing():
        manage("migrate", "--verbosity", "0")
        manage("restore", *args.words)


def command_manage(args) -> None:
    """Run a command of manage.py."""
    install("requirements.txt")
    manage(*args.words)


def command_test(args) -> None:
    """Run the tests: all of them, then those on the database again on PostgreSQL. Or what pytest is told."""
    install("requirements-dev.txt")
    run(PYTHON, "-m", "vpnconsole.testing.machine", "browser")
    subprocess.run([str(PYTHON), "-m", "vpnconsole.testing.machine", "lab"], cwd=ROOT)
    subprocess.run([str(PYTHON), "-m", "vpnconsole.testing.machine", "node"], cwd=ROOT)
    if args.words:
        sys.exit(pytest(*args.words))
    # Whoever has nothing more to do takes over half of what the other has before it.
    together = ["-n", str(workers()), "--dist", "worksteal"]
    worst = pytest(*together, *(["--lab=full"] if in_ci() else []))
    if subprocess.run([str(PYTHON), "-m", "vpnconsole.testing.machine", "postgresql"], cwd=ROOT).returncode == 0:
        worst = max(worst, pytest(*together, "--pg", "-m", "not browser and not lab"))
    elif in_ci():
        worst = max(worst, 1)
    sys.exit(worst)


def pytest(*words: str) -> int:
    return subprocess.run([str(PYTHON), "-m", "pytest", *words], cwd=ROOT).returncode


def main() -> None:
    parser = argparse.ArgumentParser(prog="dev.py", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def command(name, function):
        one = commands.add_parser(name, help=function.__doc__, description=function.__doc__)
        one.set_defaults(function=function)
        return one

    serving = command("run", command_run)
    serving.add_argument("--port", type=int, default=8000)
    serving.add_argument("--host", default="127.0.0.1")
    serving.add_argument("--reload", action="store_true", help="for developers: restart when a file changes")
    production = command("serve", command_serve)
    production.add_argument("--port", type=int, default=8000)
    production.add_argument("--host", default="127.0.0.1")
    production.add_argument("--no-migrate", action="store_true", help="the database is brought up to date elsewhere")
    command("secrets", command_secrets)
    command("install", command_install)
    command("reset", command_reset)
    command("screenshots", command_screenshots)
    command("messages", command_messages)
    command("rotate-keys", command_rotate_keys)
    command("audit", command_audit).add_argument("words", nargs=argparse.REMAINDER, metavar="--strict")
    command("backup", command_backup).add_argument("words", nargs="*", metavar="FILE")
    command("restore", command_restore).add_argument("words", nargs=argparse.REMAINDER, metavar="FILE")
    command("test", command_test).add_argument("words", nargs=argparse.REMAINDER, metavar="...", help="for pytest")
    command("manage", command_manage).add_argument("words", nargs=argparse.REMAINDER, metavar="...")
    command("bench", command_bench).add_argument("words", nargs=argparse.REMAINDER, metavar="...")
    command("loadtest-data", command_loadtest_data).add_argument("words", nargs=argparse.REMAINDER, metavar="N ...")
    # argparse would take leading options of the remainder for its own.
    remaining = {
        "test": command_test,
        "manage": command_manage,
        "loadtest-data": command_loadtest_data,
        "bench": command_bench,
    }
    if sys.argv[1:2] and sys.argv[1] in remaining:
        args = argparse.Namespace(function=remaining[sys.argv[1]], words=sys.argv[2:])
    else:
        args = parser.parse_args()
    try:
        args.function(args)
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
