"""Settings of gunicorn, which `run` and `serve` start with an address. See also `vpnconsole.server`."""

import json
import os

from vpnconsole import file_modes, paths
from vpnconsole.addresses import url

# Before workers start: their files are private.
file_modes.keep_private()

wsgi_app = "vpnconsole.wsgi:application"
# Two per core and one more, as gunicorn advises, but no more than a large machine needs.
workers = int(os.environ.get("WEB_CONCURRENCY") or min(2 * (os.cpu_count() or 1) + 1, 9))
worker_class = "vpnconsole.server.Worker"
threads = 4
# A connection needs a file descriptor, and a large body or answer another one. Many systems allow 1,024 per process.
worker_connections = 400
# The worker waits for slow clients itself, which it cannot with sendfile.
sendfile = False
# Longer than DATABASE_TIMEOUT, so that a clear answer is sent before the worker is killed.
timeout = 60
graceful_timeout = 30
keepalive = 5
# Replace workers now and then, in case a library leaks memory; not all at once.
max_requests = 20_000
max_requests_jitter = 2_000
# The worker limits request lines itself: gunicorn's parser allows no limit above 8190 bytes but none at all.
limit_request_line = 0
# Django reads the headers of a proxy if BEHIND_PROXY is set. gunicorn would believe everybody on this machine, and let
# a header set the path (SCRIPT_NAME).
forwarded_allow_ips = ""
forwarder_headers = ""
limit_request_fields = 60
limit_request_field_size = 8190
# The console logs requests, with account and user.
accesslog = None
errorlog = "-"
# A control socket would be one more thing to protect.
control_socket_disable = True
logger_class = "vpnconsole.server.Logger"
worker_tmp_dir = "/dev/shm" if os.path.isdir("/dev/shm") else None  # noqa: S108 - heartbeats, not data


def post_worker_init(worker):
    """With `--port 0`, print the server's URL as one line of JSON, and the kit's token if it is switched on.

    The first worker does so, once it has loaded the console and the server answers.
    """
    host, port = worker.cfg.address[0]
    if port == 0 and worker.age == 1:
        port = worker.sockets[0].getsockname()[1]
        ready = {"url": url(host, port), "port": port, "pid": worker.ppid, "data": str(paths.data_folder())}
        from django.conf import settings

        if settings.KIT:
            from vpnconsole.kit.token import token

            ready["token"] = token()
        print(json.dumps(ready), flush=True)
