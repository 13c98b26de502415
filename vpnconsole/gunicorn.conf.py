"""Settings of gunicorn, which `run` and `serve` start with an address. See also `vpnconsole.server`."""

import json
import os

from vpnconsole import file_modes, paths
from vpnconsole.addresses import url

# Before any worker is started: what they write is for this user alone.
file_modes.keep_private()

wsgi_app = "vpnconsole.wsgi:application"
# Two per core and one more, as gunicorn advises, but not so many that a large machine is full of idle ones.
workers = int(os.environ.get("WEB_CONCURRENCY") or min(2 * (os.cpu_count() or 1) + 1, 9))
worker_class = "vpnconsole.server.Worker"
threads = 4
# A connection needs a file, and a large body or answer another one; many systems allow a process 1,024.
worker_connections = 400
# An answer is written where a slow client can be waited for, which the system's own call is not.
sendfile = False
# Longer than the database is waited for, so that a clear answer leaves before the worker is given up on.
timeout = 60
graceful_timeout = 30
keepalive = 5
# A worker is replaced now and then, not all at once: whatever a library leaks is given back.
max_requests = 20_000
max_requests_jitter = 2_000
# The worker limits request lines itself: gunicorn's own parser takes no limit between 8190 bytes and none at all.
limit_request_line = 0
# Whom the proxy names is read by Django, where BEHIND_PROXY says that there is one. gunicorn would believe anybody on
# this machine, and let a header set the path (SCRIPT_NAME).
forwarded_allow_ips = ""
forwarder_headers = ""
limit_request_fields = 60
limit_request_field_size = 8190
# Requests are logged by the console itself, with account and user.
accesslog = None
errorlog = "-"
# A socket by which the server could be commanded is one more thing to guard.
control_socket_disable = True
logger_class = "vpnconsole.server.Logger"
worker_tmp_dir = "/dev/shm" if os.path.isdir("/dev/shm") else None  # noqa: S108 - heartbeats, not data


def post_worker_init(worker):
    """Print where the server is, as one line of JSON, if the system chose its port (`--port 0`).

    The first worker does, once it has loaded the console: from now on it answers.
    """
    host, port = worker.cfg.address[0]
    if port == 0 and worker.age == 1:
        port = worker.sockets[0].getsockname()[1]
        ready = {"url": url(host, port), "port": port, "pid": worker.ppid, "data": str(paths.data_folder())}
        print(json.dumps(ready), flush=True)
