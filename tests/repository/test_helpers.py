"""The test kit itself: reserved ports, results of threads, logs of servers."""

import os
import socket
from contextlib import closing

import pytest

from dev import ROOT
from vpnconsole.testing.ports import free_port
from vpnconsole.testing.together import at_once

pytest_plugins = ["pytester"]


def serving(port: int) -> socket.socket:
    """A listening socket, as gunicorn, PostgreSQL and Django's server create it."""
    server = socket.socket()
    server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    server.bind(("127.0.0.1", port))
    server.listen()
    return server


def test_a_port_that_was_given_out_is_its_servers_alone_also_while_that_is_down():
    port = free_port()
    for _ in range(2):
        with socket.socket() as stranger, pytest.raises(OSError, match="in use"):
            stranger.bind(("127.0.0.1", port))
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", port))
        with closing(serving(port)):
            socket.create_connection(("127.0.0.1", port)).close()


def test_ports_are_given_out_once():
    ports = [free_port() for _ in range(50)]
    assert len(set(ports)) == 50


def test_what_threads_end_with_comes_back_in_their_order():
    def broken():
        raise ValueError("no")

    one, two = at_once(broken, os.getpid)
    assert (repr(one), two) == ("ValueError('no')", os.getpid())


def test_a_failure_shows_what_servers_have_said_since_its_test_began(pytester, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    pytester.makepyfile(
        test_it="""
        import os
        from pathlib import Path
        from vpnconsole.testing import evidence

        def test_fails():
            old, new = Path("old.log"), Path("new.log")
            for log in (old, new):
                log.write_text(f"said in {log}")
                evidence.keep(log, "a server")
            os.utime(old, (1, 1))
            assert False
        """
    )
    done = pytester.runpytest_subprocess("-p", "vpnconsole.testing.evidence", "-p", "no:django")
    done.stdout.fnmatch_lines(["*log of a server*", "said in new.log"])
    done.stdout.no_fnmatch_line("said in old.log")
