"""What only a real server shows: chunked bodies, long addresses, and logs without keys."""

import http.client
import os
import socket
import subprocess
import sys
from contextlib import closing
from urllib.parse import urlencode

import pytest

from connections import demo
from dev import ROOT
from vpnconsole.testing.clients import v1, v3
from vpnconsole.testing.ports import free_port
from vpnconsole.testing.waiting import PATIENCE, wait_for

KEY, SECRET = demo.HARBOUR.access_key_id, demo.HARBOUR.access_key_secret


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """`dev.py run` with the demo's data and a log file."""
    folder, port = tmp_path_factory.mktemp("run"), free_port()
    environment = {
        **{name: value for name, value in os.environ.items() if name != "DATABASE_URL"},
        "DJANGO_SETTINGS_MODULE": "vpnconsole.settings",
        "VPNCONSOLE_DATA": str(folder),
        "LOG_LEVEL": "DEBUG",
    }
    log = folder / "log"
    with log.open("wb") as out:
        words = [sys.executable, "dev.py", "run", "--port", str(port)]
        process = subprocess.Popen(words, cwd=ROOT, env=environment, stdout=out, stderr=out)
    try:

        def answers() -> bool:
            assert process.poll() is None, log.read_text()
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
            except OSError:
                return False
            return True

        # The server is a separate process, so only its port shows that it has started.
        wait_for(answers, for_what="the console answers", evidence=log.read_text)
        yield port, log
    finally:
        process.terminate()
        process.wait(PATIENCE)


def answer(port, request, chunks=None) -> tuple[int, str]:
    headers = {name: value for name, value in request["headers"].items() if name != "host"}
    headers.setdefault("content-type", "application/x-www-form-urlencoded")
    target = "/?" + urlencode(request["query"])
    body = (chunk.encode() for chunk in chunks) if chunks is not None else request["body"].encode()
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)) as link:
        link.request(request["method"], target, body, headers, encode_chunked=chunks is not None)
        response = link.getresponse()
        text = response.read().decode()
    assert response.headers["Content-Type"] == "application/json;charset=utf-8", text
    return response.status, text


def chunked(port, request, chunks):
    request["headers"]["transfer-encoding"] = "chunked"
    return answer(port, request, chunks)


@pytest.mark.parametrize("sign", [v1, v3], ids=["v1", "v3"])
def test_a_body_in_chunks_arrives_whole(server, sign):
    port, _ = server
    body = {"RegionId": "eu-central-1", "Tag.1.Key": "k" * 60, "Tag.1.Value": "v" * 100}
    if sign is v1:
        request = v1(KEY, SECRET, "DescribeVpnConnections", body=body)
    else:
        request = v3(KEY, SECRET, "DescribeVpnConnections", body=urlencode(body), host=f"127.0.0.1:{port}")
    text = urlencode(body)
    status, answered = chunked(port, request, [text[:7], text[7:90], text[90:]])
    assert status == 200, answered
    assert '"TotalCount": 0' in answered


# Bytes: slightly too much, and more than fits into the socket buffers.
@pytest.mark.parametrize("size", [10 * 65536, 20 * 2**20])
@pytest.mark.parametrize("in_chunks", [True, False])
def test_whoever_sends_too_much_learns_why_it_is_refused(server, size, in_chunks):
    port, _ = server
    request = v1(KEY, SECRET, "DescribeRegions", body={"a": "b"})
    if in_chunks:
        status, answered = chunked(port, request, ["a" * 65536] * (size // 65536))
    else:
        status, answered = answer(port, request | {"body": "a" * size})
    assert (status, "RequestEntityTooLarge" in answered) == (413, True)


def test_a_page_says_so_too(server):
    port, _ = server
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)) as link:
        link.request("POST", "/login/", b"a" * 20 * 2**20, {"content-type": "application/x-www-form-urlencoded"})
        response = link.getresponse()
        assert (response.status, b"Upload too large" in response.read()) == (413, True)


def test_a_request_line_of_sixteen_kilobytes_arrives(server):
    port, _ = server
    request = v1(KEY, SECRET, "DescribeRegions", parameters={"ProductType": "x" * 17000})
    status, answered = answer(port, request)
    assert status == 200, answered[:300]


def test_keys_in_addresses_reach_no_log(server):
    port, log = server
    request = v1(
        KEY,
        SECRET,
        "CreateVpnAttachment",
        parameters={"RegionId": "eu-central-1", "IkeConfig": '{"Psk": "hushhushhush"}'},
    )
    status, answered = answer(port, request)
    assert status == 400, answered
    assert "MissingLocalSubnet" in answered
    for name in (request["query"]["Signature"], "hushhush"):
        assert name not in log.read_text()
    assert log.stat().st_size
