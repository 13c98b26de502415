"""Parse addresses, networks, AS numbers and lists that users type."""

import re
from collections.abc import Iterable
from ipaddress import AddressValueError, IPv4Address, IPv4Network, NetmaskValueError
from itertools import islice

from connections.domain.limits import MAX_NETWORKS
from connections.numbers import whole_number

ANYWHERE = IPv4Network("0.0.0.0/0")
LINK_LOCAL = IPv4Network("169.254.0.0/16")
SHARED_SPACE = IPv4Network("100.64.0.0/10")
LOOPBACK = IPv4Network("127.0.0.0/8")
MULTICAST = IPv4Network("224.0.0.0/4")
PRIVATE_SPACE = tuple(map(IPv4Network, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")))

# A long list is cut off after the first item beyond its limit, so that its rule reports only the length.


def first_of(items: Iterable, most: int) -> list:
    """The items of a list that may have so many, and one more if there are more."""
    return list(islice(items, most + 1))


def networks_of(text: str) -> list[str]:
    """CIDR blocks with commas between them. The first block that is too many holds all the rest."""
    return text.split(",", MAX_NETWORKS) if text else []


def short(text: str) -> str:
    """Shorten a text for a message."""
    return text if len(text) <= 40 else text[:40] + "…"


def is_storable(text: str) -> bool:
    """Whether there is no NUL, and no lone half of a surrogate pair, which JSON can spell and UTF-8 cannot."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return "\0" not in text


def parse_ip(text: object) -> IPv4Address | None:
    """Return an IPv4 address, or None unless it is in dotted decimal notation."""
    try:
        return IPv4Address(str(text))
    except (AddressValueError, ValueError):
        return None


def parse_cidr(text: object, *, strict: bool = True) -> IPv4Network | None:
    """An IPv4 network spelled address/bits, or None. Strict refuses bits behind the mask."""
    if not re.fullmatch(r"[0-9.]+/[0-9]{1,2}", str(text), re.ASCII):
        return None
    try:
        return IPv4Network(str(text), strict=strict)
    except (AddressValueError, NetmaskValueError, ValueError):
        return None


def parse_asn(text: object) -> int | None:
    """An AS number, plain or as two 16-bit segments (123.456 is 123 x 65536 + 456), or None.

    [P72] The range 1 to 4294967295 is not judged here.
    """
    text = str(text).strip()
    first, point, second = text.partition(".")
    if not point:
        return whole_number(text)
    high, low = whole_number(first, most=65535), whole_number(second, most=65535)
    return None if high is None or low is None else high * 65536 + low


def asdot(asn: int) -> str:
    """Return the two-segment notation of an AS number."""
    return f"{asn // 65536}.{asn % 65536}"


def is_private_address(address: object) -> bool:
    """Whether an address lies in the private ranges of RFC 1918."""
    ip = parse_ip(address)
    return ip is not None and any(ip in block for block in PRIVATE_SPACE)


def is_fqdn(identity: str) -> bool:
    """Whether a LocalId or RemoteId would be sent as a name rather than as an address."""
    return bool(identity) and parse_ip(identity) is None
