"""Ports for servers of the tests' own."""

import socket
import sys

_kept: list[socket.socket] = []


def free_port() -> int:
    """A port of this process until it ends: nobody else is given it, to serve at or to ask from.

    It is bound but not listened at, so that a server which takes an address again (SO_REUSEADDR, as all of ours do)
    can have it, lose it and have it back. Elsewhere than on Linux no two can have an address, and it is merely free.
    """
    probe = socket.socket()
    probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    probe.bind(("127.0.0.1", 0))
    port = probe.getsockname()[1]
    if sys.platform == "linux":
        _kept.append(probe)
    else:
        probe.close()
    return port
