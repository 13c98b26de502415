"""What gunicorn says, in the console's own format; how long its workers wait for slow senders; how they stop."""

import time
from contextlib import suppress
from socket import SHUT_RD

from gunicorn.glogging import Logger as GunicornLogger
from gunicorn.workers import gthread

from vpnconsole.logs import JsonFormatter


class Logger(GunicornLogger):
    """Start, stop and trouble of workers as JSON lines among the others."""

    def setup(self, cfg):
        super().setup(cfg)
        for handler in self.error_log.handlers:
            handler.setFormatter(JsonFormatter())


# Seconds until a request's head, and then its body, must have come. A document of 8 MiB comes in two minutes at 0.6
# Mbit/s.
HEAD, BODY = 10, 120


class Worker(gthread.ThreadWorker):
    """Gunicorn's worker with threads, in which nobody keeps a thread by sending a letter now and then, or nothing.

    Gunicorn hands a connection to a thread before anything has come, and bounds no more than the wait for the first
    byte. Whoever opens as many connections as there are threads would keep everybody else out.
    Once told to stop, this is no longer there for whoever comes. Gunicorn's own keeps its door open while it finishes
    what it has begun, and answers nobody who comes in.
    """

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        # By connection: until when, and the request once its head has come.
        self.arriving: dict[gthread.TConn, tuple[float, object]] = {}

    def set_accept_enabled(self, enabled):
        super().set_accept_enabled(enabled)
        if not self.alive:
            for listener in self.sockets:
                listener.close()

    def handle(self, conn):
        if not conn.initialized and not conn.wait_for_data(0):
            # The poller waits for many at once.
            return gthread._DEFER
        self.arriving[conn] = time.monotonic() + HEAD, None
        try:
            return super().handle(conn)
        finally:
            self.arriving.pop(conn, None)

    def handle_request(self, req, conn):
        self.arriving[conn] = time.monotonic() + BODY, req
        return super().handle_request(req, conn)

    def murder_pending(self):
        """Once a second: nothing more is read of what has taken too long, so that the thread goes on."""
        super().murder_pending()
        for conn, (deadline, request) in list(self.arriving.items()):
            if time.monotonic() > deadline and not _is_whole(request):
                with suppress(OSError):
                    conn.sock.shutdown(SHUT_RD)


def _is_whole(request) -> bool:
    """Whether a request's body has been read as far as it says it goes. Of one in chunks that is not known."""
    return request is not None and not getattr(request.body.reader, "length", 1)
