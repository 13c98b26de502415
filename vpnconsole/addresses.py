"""Addresses on which a server listens, and the URLs that people open."""

# A server on one of these listens on every address of the machine. They are not addresses to connect to.
EVERY = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104


def bind_address(host: str, port: int) -> str:
    """Host and port, with the brackets of IPv6."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def url(host: str, port: int) -> str:
    """The URL of a server on this machine."""
    return f"http://{bind_address(EVERY.get(host, host), port)}/"
