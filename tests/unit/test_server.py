"""The server receives requests in pieces of any size, within limits, and at a minimum speed."""

import time

import pytest
from gunicorn.asgi.parser import ParseError
from gunicorn.config import Config

from vpnconsole import server

HEAD = b"POST /login/?a=%20 HTTP/1.1\r\nHost: here\r\nX-Twice: 1\r\nX-Twice: 2\r\n"
TAKEN = b"POST /login/?a=%20 HTTP/1.1\r\ncontent-length: 7\r\nhost: here\r\nx-twice: 1\r\nx-twice: 2\r\n\r\nabc=def"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n3;ext=1\r\nabc\r\n4\r\n=def\r\n0\r\nX-Late: x\r\n\r\n"


def take_in(data: bytes, size: int = 2**16) -> server.Incoming:
    incoming = server.Incoming(Config())
    for start in range(0, len(data), size):
        assert not incoming.is_ready
        incoming.feed(data[start : start + size])
    return incoming


@pytest.mark.parametrize("size", [1, 7, 2**16])
@pytest.mark.parametrize("sent", [HEAD + b"Content-Length: 7\r\n\r\nabc=def", CHUNKED], ids=["length", "chunks"])
def test_a_body_gets_a_length_in_whatever_pieces_it_comes(sent, size):
    incoming = take_in(sent, size)
    assert incoming.is_ready
    assert b"".join(incoming.as_read()) == TAKEN


def test_a_large_body_is_kept_whole():
    body = bytes(range(256)) * 1024
    assert b"".join(take_in(HEAD + b"Content-Length: 262144\r\n\r\n" + body, 10_000).as_read()).endswith(body)


def test_a_request_without_a_body_gets_none():
    incoming = take_in(b"GET / HTTP/1.0\r\nHost: here\r\n\r\n", 5)
    assert b"".join(incoming.as_read()) == b"GET / HTTP/1.0\r\nhost: here\r\n\r\n"


@pytest.mark.parametrize(
    "sent", [b"Content-Length: 101\r\n\r\n", b"Transfer-Encoding: chunked\r\n\r\n65\r\n" + b"a" * 101]
)
def test_of_a_body_that_is_too_large_only_the_length_is_taken(settings, sent):
    settings.MAX_BODY = 100
    incoming = take_in(HEAD + sent)
    assert incoming.is_ready
    head, _, body = b"".join(incoming.as_read()).partition(b"\r\n\r\n")
    assert (b"content-length: 101" in head, b"connection: close" in head, body) == (True, True, b"")


def test_a_request_that_comes_early_is_left_for_another_connection():
    assert b"connection: close" in b"".join(take_in(2 * TAKEN).as_read())


@pytest.mark.parametrize("framing", [b"Content-Length: 1\r\nTransfer-Encoding: chunked", b"Content-Length: 1\r\n" * 2])
def test_what_can_be_read_in_two_ways_is_not_taken(framing):
    with pytest.raises(ParseError):
        take_in(HEAD + framing + b"\r\n\r\n")


def test_what_is_sent_buys_time_by_its_size_and_cannot_be_saved_up():
    exchange = server.Exchange()
    at_first = exchange.deadline
    for _ in range(100):
        exchange.progress(1)
    assert exchange.deadline <= at_first + 100 / server.SLOWEST
    exchange.progress(2**30)
    assert exchange.deadline <= time.monotonic() + server.PATIENCE
