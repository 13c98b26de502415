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


_ITEM = re.compile(r"[^,;，；、\r\n]+")


def items_of(texts: Iterable[str], most: int = MAX_NETWORKS) -> list[str]:
    """The items of lists with commas, semicolons or line breaks, without blanks around them and without blank ones."""
    items = (match[0].strip() for text in texts for match in _ITEM.finditer(text))
    return first_of(filter(None, items), most)


def networks_of(text: str) -> list[str]:
    """CIDR blocks with commas between them."""
    return items_of([text])


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


def parse_cidr(text: object) -> IPv4Network | None:
    """An IPv4 network in its one spelling: address/length, no needless zeros, no bits behind the mask. Or None."""
    if not re.fullmatch(r"[0-9.]{7,15}/(0|[1-9][0-9]?)", str(text), re.ASCII):
        return None
    try:
        return IPv4Network(str(text))
    except (AddressValueError, NetmaskValueError, ValueError):
        return None


def loose_ip(text: str) -> IPv4Address | None:
    """An IPv4 address that is perhaps spelled with needless zeros, or None."""
    numbers = [whole_number(part, most=255) for part in text.strip().split(".", 4)]
    if len(numbers) != 4 or None in numbers:
        return None
    return IPv4Address(".".join(map(str, numbers)))


def loose_cidr(text: str) -> IPv4Network | None:
    """An IPv4 network in any usual spelling, or None: zeros, a mask in place of its length, or bits behind it."""
    address, _, mask = text.partition("/")
    ip, length, dotted = loose_ip(address), whole_number(mask.strip(), most=32), loose_ip(mask)
    if ip is None or (length is None and dotted is None):
        return None
    try:
        return IPv4Network((ip, str(dotted) if length is None else length), strict=False)
    except (NetmaskValueError, ValueError):
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
