"""Free ports for the servers of tests."""

import socket
import sys

_kept: list[socket.socket] = []


def free_port() -> int:
    """A port that this process reserves until it ends.

    The port stays bound without listening, so that only sockets with SO_REUSEADDR can bind to it, and repeatedly. All
    servers of the tests set it. Other systems than Linux do not allow that; there the port is just free.
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
