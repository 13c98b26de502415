"""All random values: resource IDs, gateway addresses, keys. They have one source, which tests can seed or replace."""

import random
import re
import string
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from ipaddress import IPv4Network

from connections.domain.regions import REGIONS

ALPHABET = string.digits + string.ascii_lowercase

# The range for benchmarks (RFC 2544). The addresses look public and belong to nobody, so that packets of a device that
# was configured from this console reach no stranger.
PUBLIC_GATEWAYS = IPv4Network("198.18.0.0/15")

# [P51] The console's Generate button makes keys of the same characters and length.
GENERATED_PSK_LENGTH = 16

# Length of the part behind the prefix [P1, P2]. The ones named in REGIONAL begin with the region's hint.
_LENGTHS = {"cgw": 21, "vco": 21, "tun": 21, "tr": 21, "vtb": 21, "cen": 18, "tr-attach": 18, "cidr": 18, "rte": 18}
_REGIONAL = frozenset({"cgw", "vco", "tun", "tr", "vtb"})


# Returns the generator of the next value of a kind, perhaps in a region; None for the usual one.
Draw = Callable[[str, str], random.Random | None]


class _Source:
    generator: random.Random = random.SystemRandom()


_draw: ContextVar[Draw | None] = ContextVar("draw", default=None)


@contextmanager
def seeded(seed: int | str):
    """Make the same values each time within the block. For tests and demo data only: they are predictable."""
    before, _Source.generator = _Source.generator, random.Random(seed)
    try:
        yield
    finally:
        _Source.generator = before


@contextmanager
def drawn_by(draw: Draw) -> Iterator[None]:
    """Have a function choose the generator of each value within the block, in this thread."""
    token = _draw.set(draw)
    try:
        yield
    finally:
        _draw.reset(token)


def _generator(kind: str, region_id: str = "") -> random.Random:
    draw = _draw.get()
    return (draw and draw(kind, region_id)) or _Source.generator


def _text(length: int, kind: str, region_id: str = "", alphabet: str = ALPHABET) -> str:
    return "".join(_generator(kind, region_id).choices(alphabet, k=length))


def resource_id(prefix: str, region_id: str = "") -> str:
    """An ID such as `vco-bp1...`, in the format of the product."""
    length = _LENGTHS[prefix]
    hint = REGIONS[region_id].hint if prefix in _REGIONAL else ""
    return f"{prefix}-{hint}{_text(length - len(hint), prefix, region_id)}"


def is_id(text: str, prefix: str) -> bool:
    """Whether a text has the format of an ID with this prefix. IDs enter device files, programs and URLs unescaped."""
    return re.fullmatch(rf"{prefix}-[0-9A-Za-z]+", text, re.ASCII) is not None and len(text) <= 32


def resource_group_id() -> str:
    return f"rg-acfm{_text(11, 'rg')}"


def account_uid() -> str:
    return "1" + _text(15, "account", alphabet=string.digits)


def request_id() -> str:
    return str(uuid.UUID(int=_generator("request").getrandbits(128), version=4)).upper()


def access_key_id() -> str:
    return "LTAI5t" + _text(18, "access-key", alphabet=string.ascii_letters + string.digits)


def access_key_secret() -> str:
    return _text(30, "access-key-secret", alphabet=string.ascii_letters + string.digits)


def pre_shared_key() -> str:
    """The key of a tunnel whose key field is left blank."""
    return _text(GENERATED_PSK_LENGTH, "pre-shared-key")


def public_gateway_ip() -> str:
    """A gateway address for the cloud side of a public connection. The caller checks that it is free."""
    offset = _generator("gateway-address").randrange(1, PUBLIC_GATEWAYS.num_addresses - 1)
    return str(PUBLIC_GATEWAYS[offset])
