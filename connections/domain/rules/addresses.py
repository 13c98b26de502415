"""The one spelling of addresses and CIDR blocks; another spelling gets a proposal."""

from collections.abc import Iterable, Iterator
from ipaddress import IPv4Network

from connections.domain.parsing import loose_cidr, loose_ip, parse_cidr, parse_ip, short
from connections.domain.problems import Problem
from connections.domain.rules.names import line_problems
from connections.domain.rules.proposals import proposal
from connections.messages import message as _


def address_problems(field: str, text: str, example: str) -> Iterator[Problem]:
    """Report a value that is no IPv4 address in dotted decimals."""
    if parse_ip(text):
        return
    if unseen := list(line_problems(field, text)):
        yield from unseen
    elif ip := loose_ip((text or "").removesuffix("/32")):
        why = _("{text} is not an address in four numbers without needless zeros.", text=short(text))
        yield proposal(field, "spelling", why, text, ip)
    else:
        yield Problem(field, "malformed", _("Enter an IPv4 address, such as {example}.", example=example))


def cidr_problems(
    field: str, cidrs: Iterable[str], *, example: str = "192.168.0.0/16", length: int = 32
) -> Iterator[Problem]:
    """Report values that are no CIDR block in canonical form. `length` is the mask to propose where there is none."""
    for text in cidrs:
        if parse_cidr(text):
            continue
        if unseen := list(line_problems(field, text)):
            yield from unseen
        elif block := loose_cidr(text):
            if block.network_address == loose_ip(text.partition("/")[0]):
                why = _("{text} is not written as address/length without needless zeros.", text=short(text))
                yield proposal(field, "spelling", why, text, block)
            else:
                why = _("{text} has address bits behind its mask.", text=short(text))
                yield proposal(field, "host_bits", why, text, block)
        elif ip := loose_ip(text):
            why = _("{text} lacks a mask.", text=short(text))
            yield proposal(field, "malformed", why, text, IPv4Network((ip, length), strict=False))
        else:
            yield Problem(
                field,
                "malformed",
                _("“{text}” is not an IPv4 CIDR block, such as {example}.", text=short(text), example=example),
            )
