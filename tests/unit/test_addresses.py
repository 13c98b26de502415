"""URLs of servers, by the address on which they listen."""

import pytest

from vpnconsole.addresses import bind_address, url


@pytest.mark.parametrize(
    ("host", "address", "expected"),
    [
        ("127.0.0.1", "127.0.0.1:8000", "http://127.0.0.1:8000/"),
        ("192.0.2.7", "192.0.2.7:8000", "http://192.0.2.7:8000/"),
        ("0.0.0.0", "0.0.0.0:8000", "http://127.0.0.1:8000/"),  # noqa: S104
        ("::", "[::]:8000", "http://[::1]:8000/"),
        ("2001:db8::7", "[2001:db8::7]:8000", "http://[2001:db8::7]:8000/"),
    ],
)
def test_a_url_can_be_opened_wherever_the_server_listens(host, address, expected):
    assert bind_address(host, 8000) == address
    assert url(host, 8000) == expected
