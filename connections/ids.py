"""All random values: resource IDs, gateway addresses, keys. They have one source, which tests can seed."""

import random
import re
import string
import uuid
from contextlib import contextmanager
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


class _Source:
    generator: random.Random = random.SystemRandom()


@contextmanager
def seeded(seed: int | str):
    """Make the same values each time within the block. For tests and demo data only: they are predictable."""
    before, _Source.generator = _Source.generator, random.Random(seed)
    try:
        yield
    finally:
        _Source.generator = before


def _text(length: int) -> str:
    return "".join(_Source.generator.choices(ALPHABET, k=length))


def resource_id(prefix: str, region_id: str = "") -> str:
    """An ID such as `vco-bp1...`, in the format of the product."""
    length = _LENGTHS[prefix]
    hint = REGIONS[region_id].hint if prefix in _REGIONAL else ""
    return f"{prefix}-{hint}{_text(length - len(hint))}"


def is_id(text: str, prefix: str) -> bool:
    """Whether a text has the format of an ID with this prefix. IDs enter device files, programs and URLs unescaped."""
    return re.fullmatch(rf"{prefix}-[0-9A-Za-z]+", text, re.ASCII) is not None and len(text) <= 32


def resource_group_id() -> str:
    return f"rg-acfm{_text(11)}"


def account_uid() -> str:
    return "1" + "".join(_Source.generator.choices(string.digits, k=15))


def request_id() -> str:
    return str(uuid.UUID(int=_Source.generator.getrandbits(128), version=4)).upper()


def access_key_id() -> str:
    return "LTAI5t" + "".join(_Source.generator.choices(string.ascii_letters + string.digits, k=18))


def access_key_secret() -> str:
    return "".join(_Source.generator.choices(string.ascii_letters + string.digits, k=30))


def pre_shared_key() -> str:
    """The key of a tunnel whose key field is left blank."""
    return _text(GENERATED_PSK_LENGTH)


def public_gateway_ip() -> str:
    """A gateway address for the cloud side of a public connection. The caller checks that it is free."""
    offset = _Source.generator.randrange(1, PUBLIC_GATEWAYS.num_addresses - 1)
    return str(PUBLIC_GATEWAYS[offset])
