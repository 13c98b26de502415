"""Bodies before and after Django: those that come in chunks, and what it leaves unread of those it refuses."""

import io
import re
import time
from contextlib import suppress

from connections.numbers import whole_number

_SIZE = re.compile(rb"[0-9a-fA-F]{1,8}", re.ASCII)
_LINE = 1000
_AT_ONCE = 2**16
# What is read of a body that has been refused already: bytes, seconds.
REST = 64 * 2**20
PATIENCE = 10.0


class Broken(Exception):
    """A body that is not in chunks as it says."""


class WholeBody:
    """WSGI: put a chunked body together before the application sees it, so that it has a length.

    Node's SDKs send such bodies, and Django reads no further than a length. Servers that have decoded it already say
    so with `wsgi.input_terminated`. Django's development server hands over the bare socket behind a stream that ends
    at once; its bound is lifted while the chunks are read. Of more than `most` bytes the application sees a length
    that it refuses.
    """

    def __init__(self, application, most: int):
        self.application, self.most = application, most

    def __call__(self, environ, start_response):
        if "chunked" in environ.get("HTTP_TRANSFER_ENCODING", "").lower() and not environ.get("CONTENT_LENGTH"):
            try:
                body = self._read(environ)
            except (Broken, OSError):
                environ["wsgi.input"] = io.BytesIO()
                # A length with nothing behind it: a body that was cut off.
                environ["CONTENT_LENGTH"] = "1"
            else:
                environ["wsgi.input"] = io.BytesIO(body)
                environ["CONTENT_LENGTH"] = str(len(body))
        length = whole_number(environ.get("CONTENT_LENGTH"))
        if length is not None:
            environ["wsgi.input"] = _Exactly(environ["wsgi.input"], length)
        return self.application(environ, start_response)

    def _read(self, environ) -> bytes:
        stream = environ["wsgi.input"]
        if environ.get("wsgi.input_terminated"):
            return stream.read(self.most + 1)
        if not hasattr(stream, "limit"):
            raise Broken
        stream.limit = self.most + REST
        try:
            return self._decode(stream)
        finally:
            stream.limit = 0

    def _decode(self, stream) -> bytes:
        body = bytearray()
        while True:
            line = stream.readline(_LINE)
            size = _SIZE.match(line)
            if size is None or not line.endswith(b"\n"):
                raise Broken
            length = int(size[0], 16)
            if length == 0:
                while stream.readline(_LINE).strip():
                    pass
                return bytes(body)
            taken = min(length, self.most + 1 - len(body))
            chunk = stream.read(taken)
            # Once there is enough to be refused as too large, the rest is read for the sake of whoever sends it.
            if len(chunk) != taken or _skip(stream, length - taken) or stream.readline(_LINE).strip():
                raise Broken
            body += chunk


class _Exactly:
    """A body that has to be as long as it says. Django takes one that was cut off for all there is: half a form."""

    def __init__(self, stream, length: int):
        self.stream, self.left = stream, length

    def _came(self, data: bytes, is_short: bool) -> bytes:
        self.left -= len(data)
        if is_short and self.left > 0:
            raise OSError("The body ended before it was whole.")
        return data

    def read(self, size: int = -1) -> bytes:
        wanted = self.left if size is None or size < 0 else min(size, self.left)
        data = self.stream.read(wanted)
        return self._came(data, len(data) < wanted)

    def readline(self, size: int = -1) -> bytes:
        wanted = self.left if size is None or size < 0 else min(size, self.left)
        line = self.stream.readline(wanted)
        return self._came(line, len(line) < wanted and not line.endswith(b"\n"))


class ReadOut:
    """WSGI: after the answer, read what the application left of the body, and throw it away.

    A server that closes a connection while something is still arriving resets it, and whoever was sending never sees
    why it was refused. At most `REST` bytes and `PATIENCE` seconds are spent on that.
    """

    def __init__(self, application):
        self.application = application

    def __call__(self, environ, start_response):
        # Before the application puts another in its place.
        stream, link = environ["wsgi.input"], environ.get("gunicorn.socket")
        has_body = environ.get("CONTENT_LENGTH", "") not in ("", "0") or "HTTP_TRANSFER_ENCODING" in environ
        answer = self.application(environ, start_response)
        return _Answer(answer, stream, link) if has_body else answer


class _Answer:
    """What the application answered; when that is sent, the body is read out."""

    def __init__(self, answer, stream, link):
        self.answer, self.stream, self.link = answer, stream, link

    def __iter__(self):
        return iter(self.answer)

    def close(self):
        if hasattr(self.answer, "close"):
            self.answer.close()
        # Whatever becomes of the rest, the answer has been given.
        with suppress(Exception):
            if self.link:
                self.link.settimeout(PATIENCE)
            _skip(self.stream, REST, time.monotonic() + PATIENCE)


def _skip(stream, length: int, deadline: float = float("inf")) -> int:
    """Read so many bytes and forget them. Says how many did not come, or not in time."""
    while length and time.monotonic() < deadline and (read := len(stream.read(min(length, _AT_ONCE)))):
        length -= read
    return length
