"""What the product allows: validation, applicability and advice, in plain Python.

A rule takes plain values and yields problems. It stays calm when it meets nonsense, because a model asks it even when
a field of its own has already failed. Rules end in `_problems` (nothing is saved) or `_warnings` (advice, shown in
place, never in the way). Numbers such as [P50] are facts in docs/product.md.
"""

import re
import string
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from ipaddress import AddressValueError, IPv4Address, IPv4Network, NetmaskValueError
from itertools import islice

from connections.domain.choices import (
    AssociateResource,
    AuthenticationAlgorithm,
    DhGroup,
    EncryptionAlgorithm,
    IkeMode,
    IkeVersion,
    NetworkType,
    RoutingMode,
)
from connections.messages import Message
from connections.messages import message as _
from connections.numbers import whole_number

NAME_LENGTH = 100
DESCRIPTION_LENGTH = 100
CEN_NAME_LENGTH = 128
ACCOUNT_NAME_LENGTH = 128
GROUP_NAME_LENGTH = 64
CEN_DESCRIPTION_LENGTH = 256
PSK_LENGTH = 100
AUTH_KEY_LENGTH = 64
IDENTITY_LENGTH = 100
LIFETIME_MAX = 86400
MAX_NETWORKS = 5
MAX_TAGS = 20
TAG_KEY_LENGTH = 64
TAG_VALUE_LENGTH = 128
MAX_ROUTER_CIDRS = 5
# Of everything that is wrong, so much is said at once.
MAX_PROBLEMS = 50
ATTACHMENT_NAME_LENGTH = 128
ROUTE_WEIGHTS = (0, 100)
FILTER_NAME_LENGTH = 40
MAX_SAVED_FILTERS = 20
ASN_MAX = 4294967295
CLOUD_ASN = 45104

# The product publishes defaults but no limits for these two; the bounds are this project's choice.
RETRY_MIN, RETRY_MAX = 1, 10
HEALTH_CHECK_DEFAULT = 3

PSK_SPECIALS = "~`!@#$%^&*()_-+={}[]\\|;:',.<>/?"
PSK_CHARACTERS = frozenset(string.ascii_letters + string.digits + PSK_SPECIALS)

ANYWHERE = IPv4Network("0.0.0.0/0")
LINK_LOCAL = IPv4Network("169.254.0.0/16")
SHARED_SPACE = IPv4Network("100.64.0.0/10")
LOOPBACK = IPv4Network("127.0.0.0/8")
MULTICAST = IPv4Network("224.0.0.0/4")
PRIVATE_SPACE = tuple(map(IPv4Network, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")))
RESERVED_TUNNEL_CIDRS = tuple(
    IPv4Network(f"169.254.{tail}/30") for tail in ("0.0", "1.0", "2.0", "3.0", "4.0", "5.0", "169.252")
)
# The API's documentation reserves this block too; the product page does not [P75].
DISPUTED_TUNNEL_CIDR = IPv4Network("169.254.6.0/30")
FIRST_PROPOSED_TUNNEL_CIDR = IPv4Network("169.254.10.0/30")

REFUSED_GATEWAY_RANGES = {
    SHARED_SPACE: _("shared address space that the cloud keeps for itself"),
    LOOPBACK: _("loopback"),
    LINK_LOCAL: _("link-local"),
    MULTICAST: _("multicast"),
    IPv4Network("255.0.0.0/8"): _("reserved"),
}
REFUSED_ROUTER_RANGES = (SHARED_SPACE, MULTICAST, LOOPBACK, LINK_LOCAL)

WEAK = {
    EncryptionAlgorithm.DES: _("DES can be broken with modest means; prefer aes.", fix="aes"),
    EncryptionAlgorithm.TRIPLE_DES: _("3DES is slow and outdated; prefer aes.", fix="aes"),
    AuthenticationAlgorithm.MD5: _("MD5 is broken as a hash and refused by many devices; prefer sha256.", fix="sha256"),
    DhGroup.GROUP1: _(
        "Group1 (768 bit) is far too short; choose group14 if the device on the other side has it.", fix="group14"
    ),
    DhGroup.GROUP2: _("Group2 (1024 bit) is short by today's measure; choose group14 for a new design.", fix="group14"),
}
CHOICES_THAT_CAN_BE_WEAK = (
    "ike_enc_alg",
    "ike_auth_alg",
    "ike_pfs",
    "ipsec_enc_alg",
    "ipsec_auth_alg",
    "ipsec_pfs",
)


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a field: a stable code for programs, a sentence for people. Tunnels are counted from 1.

    A message's parameter `fix` is a value that would put the field right; `text`, in a field of several, the wrong one.
    """

    field: str
    code: str
    message: Message
    tunnel: int = 1


# --- applicability -----------------------------------------------------------------------------------------------

# A field that is not named here always applies. Neighbours in a section that share a pair are one group.
APPLIES_WHEN: dict[str, tuple[str, object]] = {
    "cen": ("associate_resource", AssociateResource.CEN),
    "transit_router": ("associate_resource", AssociateResource.CEN),
    "zone": ("associate_resource", AssociateResource.CEN),
    "local_subnet": ("routing_mode", RoutingMode.PROTECTED),
    "remote_subnet": ("routing_mode", RoutingMode.PROTECTED),
    "local_asn": ("enable_bgp", True),
    "tunnel_cidr": ("enable_bgp", True),
    "local_bgp_ip": ("enable_bgp", True),
    "health_check_dip": ("health_check", True),
    "health_check_sip": ("health_check", True),
    "health_check_interval": ("health_check", True),
    "health_check_retry": ("health_check", True),
    "health_check_policy": ("health_check", True),
    "auto_publish_route_enabled": ("associate_resource", AssociateResource.CEN),
    "associate_default_route_table": ("associate_resource", AssociateResource.CEN),
    "propagate_to_default_route_table": ("associate_resource", AssociateResource.CEN),
}
DECIDERS = frozenset(decider for decider, _ in APPLIES_WHEN.values())


def applies(field: str, values: Mapping[str, object]) -> bool:
    """Whether a field means anything beside the deciders' values."""
    if field not in APPLIES_WHEN:
        return True
    decider, wanted = APPLIES_WHEN[field]
    return values.get(decider) == wanted


# --- reading what people type ------------------------------------------------------------------------------------

# A list is cut off where it comes in, behind the first item that is too many: its rule then says that, and no more.


def first_of(items: Iterable, most: int) -> list:
    """The items of a list that may have so many, and one more if there are more."""
    return list(islice(items, most + 1))


def networks_of(text: str) -> list[str]:
    """CIDR blocks with commas between them. The first block that is too many holds all the rest."""
    return text.split(",", MAX_NETWORKS) if text else []


def short(text: str) -> str:
    """The beginning of a text, to be named in a message."""
    return text if len(text) <= 40 else text[:40] + "…"


def is_storable(text: str) -> bool:
    """Whether there is no NUL, and no lone half of a surrogate pair, which JSON can spell and UTF-8 cannot."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return "\0" not in text


def parse_ip(text: object) -> IPv4Address | None:
    """An IPv4 address in the usual spelling, or None."""
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
    """The two-segment spelling of an AS number."""
    return f"{asn // 65536}.{asn % 65536}"


def is_private_address(address: object) -> bool:
    """Whether an address lies in the private ranges of RFC 1918."""
    ip = parse_ip(address)
    return ip is not None and any(ip in block for block in PRIVATE_SPACE)


def is_fqdn(identity: str) -> bool:
    """Whether a LocalId or RemoteId would be sent as a name rather than as an address."""
    return bool(identity) and parse_ip(identity) is None


# --- names, descriptions, tags -----------------------------------------------------------------------------------


# Printable by their Unicode category, but drawn as nothing: fillers, blanks, variation selectors.
_BLANK = frozenset(
    map(
        chr,
        (0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, *range(0x180B, 0x1810), 0x2800, 0x3164, *range(0xFE00, 0xFE10),
         0xFFA0, *range(0xE0100, 0xE01F0)),
    )
)  # fmt: skip
_NON_JOINER, _JOINER, _AS_EMOJI = "\u200c", "\u200d", "\ufe0f"
# The combining class of the sign that takes the vowel from an Indic letter.
_VIRAMA = 9


def _is_invisible(character: str) -> bool:
    """Whether a character is a control, a format, a separator of lines, private, unassigned, or drawn as nothing."""
    return character in _BLANK or not (character.isprintable() or unicodedata.category(character) == "Zs")


def _shapes(before: str, mark: str, after: str) -> bool:
    """Whether an invisible mark changes how its neighbours are drawn: in Arabic and Indic scripts, and in emoji."""
    left, right = (unicodedata.category(one) if one else "" for one in (before, after))
    if mark == _AS_EMOJI:
        return left == "So"
    if mark == _JOINER and right == "So":
        return left in ("So", "Sk") or before == _AS_EMOJI
    if mark not in (_JOINER, _NON_JOINER) or not before or not after:
        return False
    if left[0] == right[0] == "L":
        return unicodedata.bidirectional(before) == unicodedata.bidirectional(after) == "AL"
    viramas = [unicodedata.combining(one) == _VIRAMA for one in (before, after)]
    return (viramas[0] and right[0] == "L") or (left[0] == "L" and viramas[1])


def line_problems(field: str, text: str) -> Iterator[Problem]:
    """What people write stands on one line, of lists, logs and files, and looks like no other text.

    Refuses Unicode's categories Cc, Cf, Cs, Co, Cn, Zl and Zp and what is drawn as nothing, unless it shapes letters.
    """
    text = text or ""
    if text.isprintable() and _BLANK.isdisjoint(text):
        return
    for at, character in enumerate(text):
        if _is_invisible(character) and not _shapes(text[at - 1 : at], character, text[at + 1 : at + 2]):
            yield Problem(
                field,
                "unseen",
                _(
                    "Use no line breaks and no other characters that cannot be seen: character {number} is {code}.",
                    number=at + 1,
                    code=f"U+{ord(character):04X}",
                ),
            )
            return


def text_problems(field: str, text: str, maximum: int = NAME_LENGTH) -> Iterator[Problem]:
    """Names and descriptions: bounded, and no web address in front [P30]."""
    if len(text or "") > maximum:
        yield Problem(
            field,
            "too_long",
            _("Use at most {maximum} characters; this has {length}.", maximum=maximum, length=len(text)),
        )
    if (text or "").lower().startswith(("http://", "https://")):
        yield Problem(field, "url_prefix", _("Must not start with http:// or https://."))
    yield from line_problems(field, text)


def tag_problems(pairs: Sequence[tuple[str, str]], field: str = "tags") -> Iterator[Problem]:
    """Tags of one resource [P95, P96]: at most 20, keys unique, no reserved prefix, no web address."""
    if len(pairs) > MAX_TAGS:
        yield Problem(
            field,
            "too_many",
            _("A resource carries at most {maximum} tags.", maximum=MAX_TAGS),
        )
        return
    seen = set()
    for key, value in pairs:
        if not key:
            yield Problem(field, "key_missing", _("Enter a key for the value “{value}”.", value=short(value)))
            continue
        if key in seen:
            yield Problem(
                field, "duplicate", _("The key “{key}” is there twice. Each key may appear once.", key=short(key))
            )
        seen.add(key)
        for what, text, maximum in ((_("key"), key, TAG_KEY_LENGTH), (_("value"), value, TAG_VALUE_LENGTH)):
            yield from line_problems(field, text)
            if len(text) > maximum:
                yield Problem(
                    field,
                    "too_long",
                    _(
                        "The {what} “{short}” is longer than {maximum} characters.",
                        what=what,
                        short=short(text),
                        maximum=maximum,
                    ),
                )
            if text.lower().startswith(("aliyun", "acs:")):
                yield Problem(
                    field,
                    "reserved_prefix",
                    _("The {what} “{short}” must not start with aliyun or acs:.", what=what, short=short(text)),
                )
            if re.search(r"https?://", text, re.IGNORECASE):
                yield Problem(
                    field,
                    "url",
                    _("The {what} “{short}” must not contain http:// or https://.", what=what, short=short(text)),
                )


# --- customer gateways -------------------------------------------------------------------------------------------


def gateway_ip_problems(text: str) -> Iterator[Problem]:
    """The static address of the on-premises device [P11]."""
    address = parse_ip(text)
    if address is None:
        yield Problem("ip_address", "malformed", _("Enter an IPv4 address, such as 203.0.113.10."))
        return
    for block, why in REFUSED_GATEWAY_RANGES.items():
        if address in block:
            yield Problem(
                "ip_address",
                "reserved",
                _("Addresses in {block} ({why}) cannot be used for a customer gateway.", block=block, why=why),
            )


def asn_problems(asn: int | None, field: str) -> Iterator[Problem]:
    """An AS number's range. [P14, P72]"""
    if asn is not None and not 1 <= asn <= ASN_MAX:
        yield Problem(field, "out_of_range", _("The number must be between 1 and {maximum}.", maximum=ASN_MAX))


def local_asn_problems(asn: int | None) -> Iterator[Problem]:
    """The cloud side's AS number, without which there is no BGP."""
    yield from asn_problems(asn, "local_asn")
    if asn is None:
        yield Problem("local_asn", "missing", _("BGP needs the AS number of the cloud side."))


def gateway_asn_problems(asn: int | None) -> Iterator[Problem]:
    """A customer gateway's AS number: any but the cloud's own default."""
    yield from asn_problems(asn, "asn")
    if asn == CLOUD_ASN:
        yield Problem(
            "asn", "reserved", _("{asn} is the cloud's own number. Use the number of the data centre.", asn=CLOUD_ASN)
        )


def auth_key_problems(key: str) -> Iterator[Problem]:
    """The BGP key: printable ASCII without spaces and question marks, 1 to 64."""
    if len(key or "") > AUTH_KEY_LENGTH:
        yield Problem("auth_key", "too_long", _("Use at most {maximum} characters.", maximum=AUTH_KEY_LENGTH))
    if re.search(r"[^\x21-\x7e]|\?", key or ""):
        yield Problem(
            "auth_key", "bad_character", _("Use ASCII letters, digits and signs only; no spaces, no question mark.")
        )


# --- transit routers ---------------------------------------------------------------------------------------------


def router_cidr_problems(cidrs: Sequence[str], taken: Iterable[str] = ()) -> Iterator[Problem]:
    """The blocks from which a transit router draws gateway addresses of private connections.

    At most five, /16 to /24, outside the cloud's special ranges, apart from each other and from the blocks that
    other transit routers of the same CEN instance have (the vendor's page on transit router CIDR blocks).
    """
    field = "cidrs"
    if len(cidrs) > MAX_ROUTER_CIDRS:
        yield Problem(field, "too_many", _("Enter at most {maximum} CIDR blocks.", maximum=MAX_ROUTER_CIDRS))
        return
    yield from _malformed(field, cidrs)
    blocks = [block for block in map(parse_cidr, cidrs) if block]
    for block in blocks:
        if not 16 <= block.prefixlen <= 24:
            yield Problem(field, "bad_mask", _("{block}: the mask must be 16 to 24 bits long.", block=block))
        for refused in REFUSED_ROUTER_RANGES:
            if block.overlaps(refused):
                yield Problem(
                    field,
                    "reserved",
                    _("{block} lies in {refused}, which the cloud keeps for itself.", block=block, refused=refused),
                )
    for number, block in enumerate(blocks):
        for other in blocks[number + 1 :]:
            if block.overlaps(other):
                yield Problem(field, "overlap", _("{block} and {other} overlap.", block=block, other=other))
        for other in filter(None, map(parse_cidr, taken)):
            if block.overlaps(other):
                yield Problem(
                    field,
                    "taken",
                    _(
                        "{block} overlaps {other} of another transit router of this CEN instance.",
                        block=block,
                        other=other,
                    ),
                )


# --- the networks of a connection --------------------------------------------------------------------------------


def _malformed(field: str, cidrs: Iterable[str]) -> Iterator[Problem]:
    """Values that are no CIDR block in canonical form."""
    for text in cidrs:
        if parse_cidr(text):
            continue
        if loose := parse_cidr(text, strict=False):
            yield Problem(
                field,
                "host_bits",
                _("{text} has address bits behind its mask. Did you mean {loose}?", text=text, loose=loose, fix=loose),
            )
        elif parse_ip(text):
            fix = f"{text}/32"
            yield Problem(field, "malformed", _("{text} lacks a mask. Did you mean {text}/32?", text=text, fix=fix))
        else:
            yield Problem(
                field, "malformed", _("“{text}” is not an IPv4 CIDR block, such as 192.168.0.0/16.", text=short(text))
            )


def network_problems(local: Sequence[str], remote: Sequence[str]) -> Iterator[Problem]:
    """Both sides of the protected data flows. [P36, P37, P39, P40]"""
    parsed: dict[str, list[IPv4Network]] = {}
    for field, cidrs in (("local_subnet", local), ("remote_subnet", remote)):
        if not cidrs:
            yield Problem(field, "missing", _("Protected data flows need at least one CIDR block here."))
        if len(cidrs) > MAX_NETWORKS:
            yield Problem(field, "too_many", _("Enter at most {maximum} CIDR blocks.", maximum=MAX_NETWORKS))
            cidrs = ()
        yield from _malformed(field, cidrs)
        parsed[field] = [block for block in map(parse_cidr, cidrs) if block]
        for block in [block for block, count in Counter(parsed[field]).items() if count > 1]:
            yield Problem(field, "duplicate", _("{block} is there twice.", block=block))
        if ANYWHERE in parsed[field]:
            yield Problem(
                field,
                "anywhere",
                _("0.0.0.0/0 protects nothing in particular. Choose Destination Routing Mode for it."),
            )
    for block in parsed["remote_subnet"]:
        if block.overlaps(SHARED_SPACE) and block != ANYWHERE:
            yield Problem(
                "remote_subnet",
                "reserved",
                _(
                    "{block} overlaps {range}, which the cloud keeps for itself and does not route to a tunnel.",
                    block=block,
                    range=SHARED_SPACE,
                ),
            )
        for other in parsed["local_subnet"]:
            if block.overlaps(other) and ANYWHERE not in (block, other):
                yield Problem(
                    "remote_subnet",
                    "overlap",
                    _("{block} overlaps {other} of the local network.", block=block, other=other),
                )


def several_networks_problems(ike_version: str, local: Sequence[str], remote: Sequence[str]) -> Iterator[Problem]:
    """Several CIDR blocks on a side need ikev2. [P38]"""
    if ike_version == IkeVersion.IKEV1 and 1 < max(len(local), len(remote)) <= MAX_NETWORKS:
        yield Problem(
            "ike_version",
            "several_networks_need_ikev2",
            _(
                "ikev1 negotiates one CIDR block a side. Choose ikev2, or enter one local and one remote network.",
                fix=IkeVersion.IKEV2.value,
            ),
        )


# --- keys and identities -----------------------------------------------------------------------------------------


def psk_problems(psk: str) -> Iterator[Problem]:
    """The pre-shared key. [P50, P51] Blank is no problem: the system then makes one."""
    if len(psk or "") > PSK_LENGTH:
        yield Problem(
            "psk",
            "too_long",
            _("Use at most {maximum} characters; this has {length}.", maximum=PSK_LENGTH, length=len(psk)),
        )
    refused = dict.fromkeys(character for character in psk or "" if character not in PSK_CHARACTERS)
    spaces = [character for character in refused if character.isspace()]
    if spaces:
        yield Problem(
            "psk", "space", _("The key contains a space, perhaps at its beginning or end. Spaces are not allowed.")
        )
    if others := [character for character in refused if character not in spaces]:
        shown = " ".join(character if character.isprintable() else ascii(character)[1:-1] for character in others[:10])
        yield Problem(
            "psk",
            "bad_character",
            _(
                "Not allowed in a key: {shown}. Allowed are letters, digits and {signs}",
                shown=shown,
                signs=PSK_SPECIALS,
            ),
        )


def identity_problems(field: str, identity: str) -> Iterator[Problem]:
    """LocalId and RemoteId [P61, P62]."""
    if len(identity or "") > IDENTITY_LENGTH:
        yield Problem(
            field,
            "too_long",
            _("Use at most {maximum} characters; this has {length}.", maximum=IDENTITY_LENGTH, length=len(identity)),
        )
    unseen = list(line_problems(field, identity))
    yield from unseen
    if not unseen and re.search(r"\s", identity or ""):
        yield Problem(field, "space", _("Spaces are not allowed."))


def identity_warnings(ike_version: str, ike_mode: str, field: str, identity: str) -> Iterator[Problem]:
    """A name as identity goes with aggressive mode. [P63]"""
    if ike_mode == IkeMode.MAIN and is_fqdn(identity) and not any(identity_problems(field, identity)):
        if ike_version == IkeVersion.IKEV1:
            yield Problem(
                field,
                "name_in_main_mode",
                _("In main mode ikev1 can only identify peers by address: a name here fails. Choose aggressive."),
            )
        else:
            yield Problem(
                field, "name_in_main_mode", _("With a name as identity, the negotiation mode aggressive is advised.")
            )


def lifetime_problems(field: str, seconds: int | None) -> Iterator[Problem]:
    """SA lifetimes in seconds. [P58]"""
    if seconds is not None and not 0 <= seconds <= LIFETIME_MAX:
        yield Problem(
            field, "out_of_range", _("The lifetime must be between 0 and {maximum} seconds.", maximum=LIFETIME_MAX)
        )


def strength_warnings(values: Mapping[str, object]) -> Iterator[Problem]:
    """Algorithms that a new design should not choose. [P55, P65]"""
    for field in CHOICES_THAT_CAN_BE_WEAK:
        if (advice := WEAK.get(values.get(field))) is not None:
            yield Problem(field, "weak", advice)


# --- BGP ---------------------------------------------------------------------------------------------------------


def tunnel_hosts(tunnel_cidr: str) -> list[str]:
    """The two addresses of a tunnel's block, or nothing where it is no /30."""
    block = parse_cidr(tunnel_cidr)
    return [str(host) for host in block.hosts()] if block and block.prefixlen == 30 else []


def bgp_problems(tunnel_cidr: str, local_bgp_ip: str) -> Iterator[Problem]:
    """The tunnel's block is a free link-local /30 and one of its hosts is ours. [P74, P76]"""
    block = parse_cidr(tunnel_cidr)
    loose = parse_cidr(tunnel_cidr, strict=False)
    if not tunnel_cidr:
        yield Problem("tunnel_cidr", "missing", _("BGP needs a block for the tunnel, such as 169.254.10.0/30."))
    elif block is None and loose and loose.prefixlen == 30:
        yield Problem(
            "tunnel_cidr",
            "host_bits",
            _("{block} is not where a /30 begins. Did you mean {loose}?", block=tunnel_cidr, loose=loose, fix=loose),
        )
    elif block is None:
        yield Problem("tunnel_cidr", "malformed", _("Enter a CIDR block, such as 169.254.10.0/30."))
    elif block.prefixlen != 30 or not block.subnet_of(LINK_LOCAL):
        yield Problem("tunnel_cidr", "out_of_range", _("The block must be a /30 in {range}.", range=LINK_LOCAL))
    elif block in RESERVED_TUNNEL_CIDRS:
        yield Problem(
            "tunnel_cidr", "reserved", _("The cloud keeps {block} for itself. Choose another block.", block=block)
        )
    hosts = tunnel_hosts(tunnel_cidr)
    if not local_bgp_ip:
        yield Problem(
            "local_bgp_ip",
            "missing",
            _("BGP needs the address of the tunnel on the cloud side.", fix=hosts[0] if hosts else ""),
        )
    elif parse_ip(local_bgp_ip) is None:
        yield Problem("local_bgp_ip", "malformed", _("Enter an IPv4 address, such as 169.254.10.1."))
    elif hosts and local_bgp_ip not in hosts:
        yield Problem(
            "local_bgp_ip",
            "out_of_block",
            _("The address must be {first} or {second}.", first=hosts[0], second=hosts[1], fix=hosts[0]),
        )


def bgp_gateway_problems(gateway: str, has_asn: bool) -> Iterator[Problem]:
    """BGP needs a customer gateway with an AS number [P71]."""
    if not has_asn:
        yield Problem(
            "customer_gateway",
            "no_asn",
            _(
                "BGP needs the data centre's AS number, and {gateway} has none. It cannot be added later: "
                "create a customer gateway with an ASN and choose it here.",
                gateway=gateway,
            ),
        )


def bgp_warnings(
    tunnel_cidr: str, local_asn: int | None, peer_asn: int | None, routing_mode: str, health_check: bool
) -> Iterator[Problem]:
    """What works but seldom is what was meant [P77, P78]."""
    if parse_cidr(tunnel_cidr) == DISPUTED_TUNNEL_CIDR:
        yield Problem(
            "tunnel_cidr",
            "disputed",
            _("The API refuses {block}. Another block is the safer choice.", block=DISPUTED_TUNNEL_CIDR),
        )
    if local_asn is not None and local_asn == peer_asn:
        yield Problem(
            "local_asn", "same_asn", _("The customer gateway has the same ASN: both sides would speak internal BGP.")
        )
    if routing_mode == RoutingMode.PROTECTED:
        yield Problem("enable_bgp", "protected_with_bgp", _("With BGP, Destination Routing Mode is advised."))
    if health_check:
        yield Problem(
            "health_check", "health_check_with_bgp", _("BGP notices a dead path itself: with BGP, leave this off.")
        )


def tunnel_cidrs_to_offer() -> Iterator[str]:
    """Every block that can be offered, in the order in which they are."""
    unwanted = {str(block) for block in (*RESERVED_TUNNEL_CIDRS, DISPUTED_TUNNEL_CIDR)}
    first = int(FIRST_PROPOSED_TUNNEL_CIDR.network_address) - int(LINK_LOCAL.network_address)
    for offset in range(0, LINK_LOCAL.num_addresses, 4):
        address = IPv4Address(int(LINK_LOCAL.network_address) + (first + offset) % LINK_LOCAL.num_addresses)
        if (block := f"{address}/30") not in unwanted:
            yield block


def next_tunnel_cidr(taken: Iterable[str]) -> str:
    """The next free block to offer, or nothing when all are taken."""
    unwanted = set(taken)
    return next((block for block in tunnel_cidrs_to_offer() if block not in unwanted), "")


# --- health check ------------------------------------------------------------------------------------------------


def health_check_problems(dip: str, sip: str, interval: int | None, retry: int | None) -> Iterator[Problem]:
    """Both addresses are needed once it is on. [P80]"""
    for field, address, example in (("health_check_dip", dip, "192.168.0.10"), ("health_check_sip", sip, "10.0.0.10")):
        if not address:
            yield Problem(field, "missing", _("The health check needs this address."))
        elif parse_ip(address) is None:
            yield Problem(field, "malformed", _("Enter an IPv4 address, such as {example}.", example=example))
    if dip and dip == sip and parse_ip(dip):
        yield Problem("health_check_sip", "same_address", _("Source and destination must be different addresses."))
    for field, number in (("health_check_interval", interval), ("health_check_retry", retry)):
        if number is None:
            yield Problem(
                field, "missing", _("Enter a whole number from {least} to {most}.", least=RETRY_MIN, most=RETRY_MAX)
            )
        elif not RETRY_MIN <= number <= RETRY_MAX:
            yield Problem(
                field,
                "out_of_range",
                _("The number must be between {least} and {most}.", least=RETRY_MIN, most=RETRY_MAX),
            )


def health_check_warnings(dip: str, sip: str, local: Sequence[str], remote: Sequence[str]) -> Iterator[Problem]:
    """A probe outside the protected data flows never enters the tunnel."""
    for field, address, cidrs, side in (
        ("health_check_dip", dip, remote, _("remote")),
        ("health_check_sip", sip, local, _("local")),
    ):
        ip, blocks = parse_ip(address), [block for block in map(parse_cidr, cidrs) if block]
        if ip and blocks and not any(ip in block for block in blocks):
            yield Problem(
                field,
                "outside_networks",
                _("Outside the {side} network: the probe does not match the protected flows.", side=side),
            )


# --- placement ---------------------------------------------------------------------------------------------------


def placement_problems(
    *, region: str, zones: Iterable[str], cen: str | None, router: str | None, router_cen: str | None,
    router_region: str | None, zone: str
) -> Iterator[Problem]:  # fmt: skip
    """Where the connection is bound at creation. [P20, P21, P25]"""
    if not cen:
        yield Problem("cen", "missing", _("Choose the CEN instance to associate with, or Do Not Associate."))
    if not router:
        yield Problem("transit_router", "missing", _("Choose a transit router of the CEN instance."))
    elif cen and router_cen != cen:
        yield Problem(
            "transit_router", "other_cen", _("This transit router does not belong to the chosen CEN instance.")
        )
    elif router_region != region:
        yield Problem("transit_router", "other_region", _("The transit router must be in the connection's region."))
    if not zone:
        yield Problem("zone", "missing", _("Choose the zone in which resources are created."))
    elif zone not in zones:
        yield Problem("zone", "other_region", _("This zone is not one of the connection's region."))


def private_router_problems(network_type: str, router: str, has_cidr: bool) -> Iterator[Problem]:
    """A private connection draws its gateway address from the transit router's CIDR block [P26]."""
    if network_type == NetworkType.PRIVATE and not has_cidr:
        yield Problem(
            "transit_router",
            "no_cidr",
            _(
                "A private connection takes its gateway address from the transit router's CIDR block, and {router} has "
                "none. Choose a transit router with a CIDR block.",
                router=router,
            ),
        )


def gateway_exchange_problems(before: str, after: str) -> Iterator[Problem]:
    """While nothing is associated, the type of the customer gateway stays. [P107]"""
    if is_private_address(before) != is_private_address(after):
        kind = _("private") if is_private_address(before) else _("public")
        yield Problem(
            "customer_gateway",
            "other_type",
            _(
                "While the connection is not associated, its customer gateway can only be exchanged for another one "
                "with a {kind} address; {after} is not one.",
                kind=kind,
                after=after,
            ),
        )


def gateway_type_warnings(network_type: str, gateway_ip: str) -> Iterator[Problem]:
    """Public connections meet public addresses, private ones private addresses [P11]."""
    if not gateway_ip:
        return
    private = is_private_address(gateway_ip)
    if network_type == NetworkType.PUBLIC and private:
        yield Problem(
            "customer_gateway",
            "private_address",
            _(
                "{gateway_ip} is a private address. For a device behind NAT, the gateway needs the NAT's public "
                "address.",
                gateway_ip=gateway_ip,
            ),
        )
    if network_type == NetworkType.PRIVATE and not private:
        yield Problem(
            "customer_gateway",
            "public_address",
            _("{gateway_ip} is a public address; a private connection expects a private one.", gateway_ip=gateway_ip),
        )


# --- destination-based routes ------------------------------------------------------------------------------------


def route_problems(destination: str, weight: int | None, description: str, taken: Iterable[str]) -> Iterator[Problem]:
    """A route that somebody adds to a connection by hand [P45, P46]."""
    yield from _malformed("destination", [destination])
    block = parse_cidr(destination)
    if block == ANYWHERE:
        yield Problem("destination", "anywhere", _("0.0.0.0/0 cannot be a destination. Enter the networks one by one."))
    elif block and block.overlaps(SHARED_SPACE):
        yield Problem(
            "destination",
            "reserved",
            _("{block} overlaps {range}, which the cloud keeps for itself.", block=block, range=SHARED_SPACE),
        )
    elif block and str(block) in taken:
        yield Problem("destination", "duplicate", _("There is a route to {block} already.", block=block))
    if weight not in ROUTE_WEIGHTS:
        yield Problem("weight", "out_of_range", _("The weight is 0 (standby) or 100 (active)."))
    yield from text_problems("description", description, DESCRIPTION_LENGTH)


def entry_problems(destination: str, taken: Iterable[str]) -> Iterator[Problem]:
    """A static entry of a transit router's route table: a CIDR block, once."""
    yield from _malformed("entry_destination", [destination])
    block = parse_cidr(destination)
    if block and str(block) in taken:
        yield Problem("entry_destination", "duplicate", _("There is a route to {block} already.", block=block))


# --- authorizations ----------------------------------------------------------------------------------------------


def authorization_problems(own_uid: str, peer_uid: str, peer_cen_id: str) -> Iterator[Problem]:
    """Whom a connection is opened to. [P110]"""
    if not re.fullmatch(r"[0-9]{16}", peer_uid or "", re.ASCII):
        yield Problem("peer_uid", "malformed", _("Enter the 16 digits of the other account's UID."))
    elif peer_uid == own_uid:
        yield Problem(
            "peer_uid", "own_account", _("This is your own account, whose transit routers need no permission.")
        )
    if not re.fullmatch(r"cen-[0-9a-z]{1,28}", peer_cen_id or "", re.ASCII):
        yield Problem(
            "peer_cen_id", "malformed", _("Enter the ID of the other account's CEN instance; it begins with cen-.")
        )


# --- a connection as a whole -------------------------------------------------------------------------------------


def connection_warnings(values: Mapping[str, object], tunnel: int = 1) -> Iterator[Problem]:
    """All advice on one tunnel of a connection, from the flat values of both and the gateway's facts.

    Beside the fields' own names, `gateway_ip` and `gateway_asn` say what is known of the customer gateway. Values that
    are missing or not yet right are passed over.
    """

    def get(field: str):
        return values.get(field) if applies(field, values) else None

    bgp = bool(get("enable_bgp"))
    warnings: list[Iterator[Problem]] = [
        strength_warnings(values),
        gateway_type_warnings(get("network_type") or "", get("gateway_ip") or ""),
    ]
    for field in ("local_id", "remote_id"):
        warnings.append(identity_warnings(get("ike_version") or "", get("ike_mode") or "", field, get(field) or ""))
    if bgp:
        warnings.append(
            bgp_warnings(
                get("tunnel_cidr") or "",
                get("local_asn"),
                get("gateway_asn"),
                get("routing_mode") or "",
                bool(get("health_check")),
            )
        )
    if get("health_check"):
        warnings.append(
            health_check_warnings(
                get("health_check_dip") or "",
                get("health_check_sip") or "",
                get("local_subnet") or (),
                get("remote_subnet") or (),
            )
        )
    for found in warnings:
        for problem in found:
            yield replace(problem, tunnel=tunnel)
