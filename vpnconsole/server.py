"""gunicorn's worker for the console: threads answer whole requests, and never wait for a client."""

import time
from collections.abc import Iterator
from contextlib import closing, suppress
from functools import partial
from os import environ
from selectors import EVENT_READ, EVENT_WRITE
from socket import MSG_DONTWAIT, SHUT_WR
from tempfile import SpooledTemporaryFile

from django.conf import settings
from gunicorn import http, util
from gunicorn.asgi import parser as push
from gunicorn.glogging import Logger as GunicornLogger
from gunicorn.workers import gthread

from vpnconsole.logs import JsonFormatter

# A client has this many seconds, and one more for every `SLOWEST` bytes that it sends or receives, but never more than
# `PATIENCE` at a time, after which a client that stops is dropped.
PATIENCE = 10.0
SLOWEST = 8 * 1024
# Seconds in which a request may still begin after the signal to stop.
LAST_CALL = 2.0
AT_ONCE = 64 * 1024
# Official SDKs put whole requests into the URL. Django's development server has the same limit.
REQUEST_LINE = 65_536
# Larger bodies (which anybody may send) and larger answers go to temporary files.
BODY_IN_MEMORY = 64 * 1024
ANSWER_IN_MEMORY = 1024 * 1024

REFUSALS = {
    push.LimitRequestLine: (414, "URI Too Long"),
    push.LimitRequestHeaders: (431, "Request Header Fields Too Large"),
    push.UnsupportedTransferCoding: (501, "Not Implemented"),
}


class Logger(GunicornLogger):
    """In production, gunicorn logs JSON, like everything else."""

    def setup(self, cfg):
        super().setup(cfg)
        if environ.get("PRODUCTION") == "1":
            for handler in self.error_log.handlers:
                handler.setFormatter(JsonFormatter())


class Exchange:
    """One direction of a connection, and the time by which the client must make progress."""

    def __init__(self):
        self.deadline = time.monotonic() + PATIENCE
        # A body or answer until it is used.
        self.spool: SpooledTemporaryFile | None = None

    def keep(self, data: bytes, in_memory: int) -> None:
        self.spool = self.spool or SpooledTemporaryFile(in_memory)  # noqa: SIM115 - see `close`
        self.spool.write(data)

    def close(self) -> None:
        if self.spool:
            self.spool.close()

    def progress(self, size: int) -> None:
        self.deadline = min(self.deadline + size / SLOWEST, time.monotonic() + PATIENCE)


class Incoming(Exchange):
    """A request that is still arriving."""

    def __init__(self, cfg):
        super().__init__()
        self.has_begun = self.awaits_continue = False
        self.size = 0
        self.parser = push.PythonProtocol(
            on_headers_complete=self._read_head,
            on_body=self._read_body,
            limit_request_line=REQUEST_LINE,
            limit_request_fields=cfg.limit_request_fields,
            limit_request_field_size=cfg.limit_request_field_size,
        )

    def feed(self, data: bytes) -> None:
        """Parse the next piece. Raises `ParseError` or `ValueError` if it is not HTTP."""
        self.has_begun = True
        self.progress(len(data))
        self.parser.feed(data)

    def _read_head(self) -> None:
        self.awaits_continue = any(name == b"expect" for name, _ in self.parser.headers)

    def _read_body(self, piece: bytes) -> None:
        self.size += len(piece)
        if not self.is_too_large:
            self.keep(piece, BODY_IN_MEMORY)

    @property
    def is_too_large(self) -> bool:
        return max(self.size, self.parser.content_length or 0) > settings.MAX_BODY

    @property
    def is_ready(self) -> bool:
        """Whether it can be answered: it is complete, or is refused without the rest."""
        return self.parser.is_complete or self.is_too_large

    def as_read(self) -> Iterator[bytes]:
        """The request with the length of its body. A body that is too large is left out."""
        head = self.parser
        lines = [b"%s %s HTTP/%d.%d" % (head.method, head.path, *head.http_version)]
        if self.is_too_large or head.remaining():
            # The next request begins at an unknown place, or came early. Clients repeat unanswered requests.
            lines.append(b"connection: close")
        if head.is_chunked or head.content_length is not None:
            lines.append(b"content-length: %d" % max(self.size, head.content_length or 0))
        replaced = (b"content-length", b"transfer-encoding", b"expect")
        lines += [b"%s: %s" % header for header in head.headers if header[0] not in replaced]
        with closing(self):
            yield b"\r\n".join([*lines, b"", b""])
            if self.spool and not self.is_too_large:
                self.spool.seek(0)
                yield from iter(partial(self.spool.read, AT_ONCE), b"")


class Outgoing(Exchange):
    """The socket for a thread: the poller later sends what the client does not receive at once."""

    def __init__(self, sock):
        super().__init__()
        self.sock = sock
        self.piece = b""

    def __getattr__(self, name):
        return getattr(self.sock, name)

    def sendall(self, data: bytes) -> None:
        if self.spool is None:
            with suppress(BlockingIOError):
                data = data[self.sock.send(data, MSG_DONTWAIT) :]
        if data:
            self.keep(data, ANSWER_IN_MEMORY)

    def begin(self) -> None:
        """Hand over to the poller."""
        self.deadline = time.monotonic() + PATIENCE
        if self.spool:
            self.spool.seek(0)

    def _read_piece(self) -> bytes:
        return self.spool.read(AT_ONCE) if self.spool else b""

    def send_more(self) -> bool:
        """Send what the client receives now; return whether that was all."""
        self.piece = self.piece or self._read_piece()
        with suppress(BlockingIOError):
            sent = self.sock.send(self.piece)
            self.piece = self.piece[sent:]
            self.progress(sent)
        if not self.piece:
            self.piece = self._read_piece()
        return not self.piece


class Worker(gthread.ThreadWorker):
    """gunicorn's worker with threads, which receives requests, sends answers and closes connections in its poller.

    gunicorn's worker receives and sends in the thread that serves a request, so as many slow clients as there are
    threads block everybody else; its poller also waits for a client to close its side. On the signal to stop, this
    worker refuses new connections at once, while gunicorn's accepts them and never answers.
    """

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        # Connections in the poller, and what each waits for; a plain `Exchange` waits for the client to close.
        self.waiting: dict[gthread.TConn, Exchange] = {}
        # Answers that a thread could not send at once.
        self.unsent: dict[gthread.TConn, Outgoing] = {}

    def set_accept_enabled(self, enabled):
        super().set_accept_enabled(enabled)
        if not self.alive:
            for listener in self.sockets:
                listener.close()

    # --- in the poller

    def _wait(self, conn, event: int, exchange: Exchange, step) -> None:
        """Call `step` now and whenever the socket is ready. An error in it drops the connection."""

        def guarded(_sock) -> None:
            try:
                step(conn, exchange)
            except BlockingIOError:
                pass
            except (ConnectionError, TimeoutError):
                self._drop(conn)
            except Exception as error:
                # An error of one connection must not end the worker.
                self.log.error("Dropped a connection: %r", error)
                self._drop(conn)

        conn.sock.setblocking(False)
        self.waiting[conn] = exchange
        self.poller.register(conn.sock, event, guarded)
        guarded(conn.sock)

    def _done_waiting(self, conn) -> Exchange | None:
        exchange = self.waiting.pop(conn, None)
        if exchange:
            self.poller.unregister(conn.sock)
        return exchange

    def _drop(self, conn) -> None:
        if exchange := self._done_waiting(conn):
            exchange.close()
        self.nr_conns -= 1
        conn.close()

    def murder_pending(self):
        """At least once a second, drop connections with too little progress and, when stopping, idle ones."""
        super().murder_pending()
        now = time.monotonic()
        for conn, exchange in list(self.waiting.items()):
            is_idle = isinstance(exchange, Incoming) and not exchange.has_begun
            early = PATIENCE - LAST_CALL if is_idle and not self.alive else 0
            if now > exchange.deadline - early:
                self._drop(conn)

    def enqueue_req(self, conn):
        """Receive a request first; gunicorn would give the connection to a thread now."""
        self._wait(conn, EVENT_READ, Incoming(self.cfg), self._receive)

    def _receive(self, conn, incoming: Incoming) -> None:
        data = conn.sock.recv(AT_ONCE)
        if not data:
            # The connection ended before the request was complete.
            self._drop(conn)
            return
        try:
            incoming.feed(data)
        except (push.ParseError, ValueError) as error:
            self._done_waiting(conn)
            incoming.close()
            self.log.warning("Invalid request from %s: %s", conn.client[0], error)
            util.write_error(conn.sock, *REFUSALS.get(type(error), (400, "Bad Request")), "")
            self._linger(conn)
            return
        if incoming.is_ready:
            self._done_waiting(conn)
            conn.initialized = True
            conn.parser = http.get_parser(conn.cfg, incoming.as_read(), conn.client)
            super().enqueue_req(conn)
        elif incoming.awaits_continue:
            incoming.awaits_continue = False
            conn.sock.send(b"HTTP/1.1 100 Continue\r\n\r\n")

    def finish_request(self, conn, fs):
        """After the thread: send the rest of the answer, then wait for the next request or close."""
        outgoing = self.unsent.pop(conn, None)
        if outgoing:
            outgoing.begin()
            self._wait(conn, EVENT_WRITE, outgoing, partial(self._send_more, fs))
        else:
            self._finish(conn, fs)

    def _send_more(self, fs, conn, outgoing: Outgoing) -> None:
        if outgoing.send_more():
            self._done_waiting(conn)
            outgoing.close()
            self._finish(conn, fs)

    def _finish(self, conn, fs) -> None:
        if not fs.cancelled() and not fs.exception() and fs.result():
            super().finish_request(conn, fs)
        else:
            self._linger(conn)

    def _linger(self, conn) -> None:
        """Read until the client closes: closing a connection with unread data would lose the answer."""
        try:
            conn.sock.shutdown(SHUT_WR)
        except OSError:
            self._drop(conn)
        else:
            self._wait(conn, EVENT_READ, Exchange(), self._discard)

    def _discard(self, conn, _exchange) -> None:
        if not conn.sock.recv(AT_ONCE):
            self._drop(conn)

    # --- in a thread

    def handle_request(self, req, conn):
        sock = conn.sock
        conn.sock = outgoing = Outgoing(sock)
        try:
            is_kept_alive = super().handle_request(req, conn)
        except BaseException:
            outgoing.close()
            raise
        finally:
            conn.sock = sock
        if outgoing.spool:
            self.unsent[conn] = outgoing
        return is_kept_alive
