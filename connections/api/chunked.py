"""Bodies that come in chunks and with no length, as Node's SDKs send them. Django reads no further than a length."""

import io
import re

_SIZE = re.compile(rb"[0-9a-fA-F]{1,8}", re.ASCII)
_LINE = 1000


class Broken(Exception):
    """A body that is not in chunks as it says."""


class WholeBody:
    """WSGI: put a chunked body together before the application sees it, so that it has a length.

    Servers that have decoded it already say so with `wsgi.input_terminated`. Django's development server hands over
    the bare socket behind a stream that ends at once; its bound is lifted while the chunks are read. Beyond `most`
    bytes the rest is left unread and the application sees a length that it refuses.
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
        return self.application(environ, start_response)

    def _read(self, environ) -> bytes:
        stream = environ["wsgi.input"]
        if environ.get("wsgi.input_terminated"):
            return stream.read(self.most + 1)
        if not hasattr(stream, "limit"):
            raise Broken
        stream.limit = 2 * self.most + 2**16
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
            if len(body) + length > self.most:
                # Enough to be refused as too large; the connection cannot be used again.
                return bytes(body) + bytes(self.most + 1 - len(body))
            chunk = stream.read(length)
            if len(chunk) != length or stream.readline(_LINE).strip():
                raise Broken
            body += chunk
