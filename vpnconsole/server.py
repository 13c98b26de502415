"""How gunicorn serves the console: threads answer whole requests, and never wait for a client."""

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

# A client has this many seconds, and one more for every `SLOWEST` bytes it sends or takes. What it saves up is bounded
# by `PATIENCE` too, so a client that stops is dropped after that time.
PATIENCE = 10.0
SLOWEST = 8 * 1024
# Seconds in which a request may still begin once the server is told to stop.
LAST_CALL = 2.0
AT_ONCE = 64 * 1024
# Official SDKs put whole requests into the address. Django's development server takes as much.
REQUEST_LINE = 65_536
# Bytes kept in memory of a body, which anybody may send, and of an answer; what is larger goes to a temporary file.
BODY_IN_MEMORY = 64 * 1024
ANSWER_IN_MEMORY = 1024 * 1024

REFUSALS = {
    push.LimitRequestLine: (414, "URI Too Long"),
    push.LimitRequestHeaders: (431, "Request Header Fields Too Large"),
    push.UnsupportedTransferCoding: (501, "Not Implemented"),
}


class Logger(GunicornLogger):
    """In production, log start, stop and trouble of workers as JSON, like everything else."""

    def setup(self, cfg):
        super().setup(cfg)
        if environ.get("PRODUCTION") == "1":
            for handler in self.error_log.handlers:
                handler.setFormatter(JsonFormatter())


class Exchange:
    """One direction of a connection, and when the client must have made progress."""

    def __init__(self):
        self.deadline = time.monotonic() + PATIENCE
        # What does not fit elsewhere, until it is used.
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
        """Take in a piece. Raise `ParseError` or `ValueError` if this is not HTTP."""
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
        """Whether it can be answered: it is whole, or there is no need to see the rest."""
        return self.parser.is_complete or self.is_too_large

    def as_read(self) -> Iterator[bytes]:
        """The request in one form: its body has a length. Of a body that is too large, only the length is there."""
        head = self.parser
        lines = [b"%s %s HTTP/%d.%d" % (head.method, head.path, *head.http_version)]
        if self.is_too_large or head.remaining():
            # Where the next request would begin is not known, or it came early. Clients repeat what was not answered.
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
    """The socket as a thread sees it: what the client does not take at once is kept for the poller to send."""

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
        """Let the poller take over."""
        self.deadline = time.monotonic() + PATIENCE
        if self.spool:
            self.spool.seek(0)

    def _read_piece(self) -> bytes:
        return self.spool.read(AT_ONCE) if self.spool else b""

    def send_more(self) -> bool:
        """Send what the client takes now; return whether that was all."""
        self.piece = self.piece or self._read_piece()
        with suppress(BlockingIOError):
            sent = self.sock.send(self.piece)
            self.piece = self.piece[sent:]
            self.progress(sent)
        if not self.piece:
            self.piece = self._read_piece()
        return not self.piece


class Worker(gthread.ThreadWorker):
    """gunicorn's worker with threads, which takes requests in, sends answers out and closes connections in its poller.

    gunicorn's own reads requests and writes answers in the thread that serves them, so as many slow clients as there
    are threads keep everybody else out; it also waits in the poller itself until a client has closed its side.
    Once told to stop, this one refuses connections at once. gunicorn's own accepts and never answers them.
    """

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        # Connections in the poller, by what they wait for; a plain `Exchange` waits for the client to close.
        self.waiting: dict[gthread.TConn, Exchange] = {}
        # What a thread could not send at once.
        self.unsent: dict[gthread.TConn, Outgoing] = {}

    def set_accept_enabled(self, enabled):
        super().set_accept_enabled(enabled)
        if not self.alive:
            for listener in self.sockets:
                listener.close()

    # --- in the poller

    def _wait(self, conn, event: int, exchange: Exchange, step) -> None:
        """Call `step` now and whenever the socket is ready. If it fails, drop the connection and go on."""

        def guarded(_sock) -> None:
            try:
                step(conn, exchange)
            except BlockingIOError:
                pass
            except (ConnectionError, TimeoutError):
                self._drop(conn)
            except Exception as error:
                # One connection must not end the worker.
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
        """Once a second or more often: drop connections that made too little progress and, when stopping, idle ones."""
        super().murder_pending()
        now = time.monotonic()
        for conn, exchange in list(self.waiting.items()):
            is_idle = isinstance(exchange, Incoming) and not exchange.has_begun
            early = PATIENCE - LAST_CALL if is_idle and not self.alive else 0
            if now > exchange.deadline - early:
                self._drop(conn)

    def enqueue_req(self, conn):
        """Take a request in; gunicorn would give the connection to a thread now."""
        self._wait(conn, EVENT_READ, Incoming(self.cfg), self._take_in)

    def _take_in(self, conn, incoming: Incoming) -> None:
        data = conn.sock.recv(AT_ONCE)
        if not data:
            # It ended before it was whole: half a form is none.
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
        """The thread is done: send what is left, then wait for the next request or close."""
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
        """Read on until the client has closed: a connection closed with something unread loses the answer."""
        try:
            conn.sock.shutdown(SHUT_WR)
        except OSError:
            self._drop(conn)
        else:
            self._wait(conn, EVENT_READ, Exchange(), self._read_away)

    def _read_away(self, conn, _exchange) -> None:
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
