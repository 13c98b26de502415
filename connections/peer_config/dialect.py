"""Dialects, and what they share: the notes about a configuration, some of which refuse it."""

import textwrap
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from ipaddress import IPv4Network
from typing import Any

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy

from connections.domain import limits, parsing, rules
from connections.domain.choices import (
    AuthenticationAlgorithm,
    DhGroup,
    EncryptionAlgorithm,
    IkeMode,
    IkeVersion,
    PfsGroup,
)
from connections.messages import Message
from connections.messages import message as _
from connections.peer_config.document import ANYWHERE, Document, is_plain_identity


@dataclass(frozen=True, slots=True)
class Note:
    """One sentence about a configuration. A note that refuses replaces it."""

    code: str
    text: Message
    refuses: bool = False


# The beginning of words that stand for values which the console does not know.
PLACEHOLDER = "YOUR-"

# The end of names of files that people read instead of a device.
STEPS = ".steps.txt"

# The largest packet that fits into the tunnel on a path of 1500 bytes, with any of the offered algorithms and NAT
# traversal, and the largest TCP segment in such a packet.
TUNNEL_MTU = 1399
TUNNEL_MSS = TUNNEL_MTU - 40

COMMENT_WIDTH = 110

Limits = Callable[[Document], Iterable[Note]]


def no_limits(document: Document) -> Iterable[Note]:
    return ()


class Proof(TextChoices):
    """How well it is tested that a device accepts the configuration (docs/peer-config.md)."""

    DAEMON = "daemon", gettext_lazy("Proven by a daemon")
    TABLE = "table", gettext_lazy("From documentation")
    SHAPE = "shape", gettext_lazy("Format tested")


class Group(TextChoices):
    """Where the console's list of formats shows a dialect."""

    GENERAL = "general", gettext_lazy("General")
    LINUX = "linux", gettext_lazy("Linux")
    DEVICES = "devices", gettext_lazy("Devices")
    CLOUDS = "clouds", gettext_lazy("Other Clouds (Terraform and Steps)")


# By place, then by option. Any, since a mapping is invariant in its keys and each table has those of one choice.
Words = Mapping[str, Mapping[Any, str | None]]


@dataclass(frozen=True, slots=True)
class Dialect:
    """How one kind of device writes a document.

    `keywords` maps places of the document, such as `ike.encryption`, to the device's keyword for every option; `ikev1`
    those that differ in IKEv1. None means that the device lacks the option: a note refuses it. `render` returns the
    files' contents by name, each beginning with a line that names it; notes go into the first file, and into one with
    steps for people. `limits` yields notes about everything else that the device cannot express. `comment` begins a
    comment; blank for a format without comments. A verbatim dialect repeats the connection's values for a program to
    read, identities of every kind included. The console lists a `group` of dialects together.
    """

    key: str
    title: str
    render: Callable[[Document], dict[str, str]]
    keywords: Words = field(default_factory=dict)
    ikev1: Words = field(default_factory=dict)
    limits: Limits = no_limits
    bgp_only: bool = False
    is_verbatim: bool = False
    proof: Proof = Proof.TABLE
    comment: str = "#"
    group: Group = Group.DEVICES
    # It writes sessions, but not that two equal paths are used at once.
    lacks_multipath: bool = False
    # For a format that has one file for both tunnels; `render` is then for one tunnel.
    render_both: Callable[[Sequence[Document]], dict[str, str]] | None = None

    def words(self, version: IkeVersion) -> Words:
        """The keyword tables for one version of IKE."""
        return {**self.keywords, **(self.ikev1 if version == IkeVersion.IKEV1 else {})}


@dataclass(frozen=True, slots=True)
class Configuration:
    """The files for a device by name, and notes about them. If it is refused, there are no files."""

    files: Mapping[str, str] = field(repr=False)
    notes: tuple[Note, ...]

    @property
    def refused(self) -> bool:
        return any(note.refuses for note in self.notes)


def value_at(document: Document, path: str) -> Any:
    """The value at a place such as `ike.encryption`."""
    value: Any = document
    for name in path.split("."):
        value = getattr(value, name)
    return value


def generate(dialect: Dialect, document: Document) -> Configuration:
    """The configuration for a device with one tunnel, or the notes that refuse it."""
    notes = tuple({note.code: note for note in _notes(dialect, document)}.values())
    if any(note.refuses for note in notes):
        return Configuration({}, tuple(note for note in notes if note.refuses))
    files = dialect.render(document)
    if any(PLACEHOLDER in text for text in files.values()):
        text = _("Replace values that start with {mark}.")
        notes += (Note("placeholders", text.filled(mark=PLACEHOLDER)),)
    if dialect.comment:
        first = next(iter(files))
        files |= {first: _with_notes(files[first], notes, f"{dialect.comment} ")}
    files |= {name: _with_notes(text, notes, "") for name, text in files.items() if name.endswith(STEPS)}
    return Configuration(files, notes)


def generate_both(dialect: Dialect, documents: Sequence[Document]) -> Configuration:
    """The configuration for a device with both tunnels of a connection, or the notes that refuse it.

    A note that concerns both tunnels is there once.
    """
    if dialect.render_both is not None:
        return Configuration(dialect.render_both(documents), generate(dialect, documents[0]).notes)
    made = [generate(dialect, document) for document in documents]
    notes = tuple({note.text: note for one in made for note in one.notes}.values())
    if any(one.refused for one in made):
        return Configuration({}, tuple(note for note in notes if note.refuses))
    return Configuration({name: text for one in made for name, text in one.files.items()}, notes)


def _with_notes(text: str, notes: Iterable[Note], comment: str) -> str:
    """The text with the notes as comments below its first line, in English: devices read ASCII."""
    title, rest = text.split("\n", 1)
    wrapper = textwrap.TextWrapper(COMMENT_WIDTH, initial_indent=f"{comment}- ", subsequent_indent=f"{comment}  ")
    return "\n".join([title, *(line for note in notes for line in wrapper.wrap(note.text)), rest])


def _notes(dialect: Dialect, document: Document) -> Iterator[Note]:
    if dialect.bgp_only and document.bgp is None:
        yield Note("no_bgp", _("This format is for BGP, which is not enabled for this connection."), True)
        return
    if dialect.group == Group.CLOUDS:
        yield Note("untried", _("Based on provider documentation; never applied. Review before use."))
    elif dialect.proof == Proof.TABLE:
        yield Note("untried", _("Based on vendor documentation; not tested on a device. Review before use."))
    if document.has_both and dialect.group == Group.CLOUDS:
        text = _(
            "Another cloud needs a gateway of its own for each tunnel. Take the configurations of the tunnels alone."
        )
        yield Note("apart", text, True)
    if document.is_multipath and dialect.lacks_multipath:
        text = _(
            "This leaves out multipath: the device sends through one tunnel, unless you let BGP use two equal paths."
        )
        yield Note("multipath", text)
    yield from secret_notes(document)
    if not dialect.bgp_only:
        yield from _tunnel_notes(dialect, document)
    yield from dialect.limits(document)


def _tunnel_notes(dialect: Dialect, document: Document) -> Iterator[Note]:
    for path, words in dialect.words(document.ike.version).items():
        value = value_at(document, path)
        if words[value] is None and (path != "ike.mode" or document.ike.version == IkeVersion.IKEV1):
            text = _("{device} has no {option}. Choose another one for this connection.")
            if value == PfsGroup.DISABLED:
                text = _("{device} insists on perfect forward secrecy. Choose a group for phase 2.")
            yield Note(f"no_{path}", text.filled(device=dialect.title, option=value.label), True)
    if not dialect.is_verbatim:
        yield from identity_notes(document)
        yield from _selector_notes(document)
    if document.has_both and not document.is_route_based and not dialect.is_verbatim:
        text = _(
            "Both tunnels have the same networks. A device that goes by networks holds one of them at a time, and they "
            "take turns. Choose Destination Routing Mode or BGP to use both."
        )
        yield Note("turns", text)
    if document.is_aggressive:
        yield Note(
            "aggressive",
            _("Aggressive mode exposes both identities and a hash that can be used to crack the key."),
        )
    if document.bgp is not None and document.local_networks:
        yield Note(
            "any_to_any",
            _(
                "With BGP, phase 2 negotiates 0.0.0.0/0 on both sides, although the JSON shows the protected networks. "
                "With Destination Routing Mode there is no such difference."
            ),
        )
    if document.health_check is not None:
        text = _(
            "For the health check, the data center must route {source}/32 into the tunnel, so that answers come back "
            "the way they came."
        )
        yield Note("health_check_route", text.filled(source=document.health_check.source))


def _selector_notes(document: Document) -> Iterator[Note]:
    """Notes about selectors that also match packets which must not enter the tunnel."""
    if document.is_route_based:
        return
    if ANYWHERE in document.remote_networks:
        text = _(
            "The cloud's side is 0.0.0.0/0. Before traffic to everywhere is routed into the tunnel, route {address}/32 "
            "out of the outer interface: the tunnel's own packets must not enter it."
        )
        yield Note("anywhere", text.filled(address=document.remote_ip))
    elif document.overlaps:
        text = _("The networks of both sides overlap. Traffic within the site must not enter the tunnel: exempt it.")
        yield Note("overlap", text)


def secret_notes(document: Document) -> Iterator[Note]:
    """Notes about keys, which the text contains. A key that the rules do not allow could be misread."""
    if not document.psk or any(rules.psk_problems(document.psk)):
        yield Note("psk", _("The pre-shared key holds characters that are not allowed. Change it first."), True)
    if document.bgp is not None and any(rules.auth_key_problems(document.bgp.key)):
        yield Note("bgp_key", _("The BGP key holds characters that are not allowed. Change it first."), True)
    yield Note(
        "secrets",
        _("Contains keys in plain text. Store it securely."),
    )


def identity_notes(document: Document) -> Iterator[Note]:
    """Notes about identities that devices would misread, or that do not suit the mode."""
    # Local and remote are swapped in the connection's names.
    for name, identity in (("RemoteId", document.local_id), ("LocalId", document.remote_id)):
        if not is_plain_identity(identity):
            text = _(
                "{name} is neither an address nor a domain name, and devices read it in different ways. "
                "Change it first."
            )
            yield Note(f"identity_{name}", text.filled(name=name), True)
        elif (
            document.ike.version == IkeVersion.IKEV1 and document.ike.mode == IkeMode.MAIN and parsing.is_fqdn(identity)
        ):
            text = _("{name} is a name, but in main mode ikev1 identifies peers by address. Choose aggressive.")
            yield Note(f"name_{name}", text.filled(name=name))


# --- notes that some dialects share ------------------------------------------------------------------------------


def lifetime_notes(
    document: Document,
    *,
    ike: tuple[int, int] = (1, limits.LIFETIME_MAX),
    ipsec: tuple[int, int] = (1, limits.LIFETIME_MAX),
) -> Iterator[Note]:
    """Refuse lifetimes that the device does not accept: 0, and those outside its bounds in seconds."""
    phases = ((1, document.ike.lifetime, ike), (2, document.ipsec.lifetime, ipsec))
    for phase, lifetime, (minimum, maximum) in phases:
        if lifetime == 0:
            text = _("This device cannot be told a lifetime without end (0), as phase {phase} has it.")
            yield Note(f"lifetime_{phase}", text.filled(phase=phase), True)
        elif not minimum <= lifetime <= maximum:
            text = _("This device takes lifetimes from {minimum} to {maximum} seconds; phase {phase} has {lifetime}.")
            facts = {"minimum": minimum, "maximum": maximum, "phase": phase, "lifetime": lifetime}
            yield Note(f"lifetime_{phase}", text.filled(**facts), True)


def pair_notes(document: Document, *, has_interface: bool = True) -> Iterator[Note]:
    """For devices with one SA per pair of networks, while the cloud has one for all."""
    if len(document.pairs) > 1:
        text = _(
            "This device makes one SA for each pair of networks, the cloud one for all of them. If only one pair "
            "works, make a connection for each pair, or choose Destination Routing Mode."
        )
        if not has_interface:
            text = _(
                "This device makes one SA for each pair of networks, the cloud one for all of them. If only one pair "
                "works, make a connection for each pair."
            )
        yield Note("pairs", text)


def bgp_notes(document: Document) -> Iterator[Note]:
    """For dialects without BGP."""
    if document.bgp is not None:
        yield Note("bgp", _("Tunnel only. For BGP, also use FRR or BIRD."))


def session_notes(document: Document, *, only_in_table: bool = False, is_filtered: bool = True) -> Iterator[Note]:
    """For dialects that write the BGP session: what it announces, learns and trusts.

    `only_in_table`: the device announces only networks in its routing table. `is_filtered`: the text limits what the
    device learns to the protected networks, if there are any.
    """
    bgp = document.bgp
    if bgp is None:
        return
    if not document.announced:
        yield Note(
            "nothing_announced",
            _(
                "No data center networks are known, so none are announced. Add a destination-based route for each to "
                "the connection, or announce them on the device and let them pass its filter."
            ),
        )
    elif only_in_table:
        yield Note("in_table", _("Only networks that are in this device's routing table are announced over BGP."))
    if is_filtered and document.learnable_networks:
        yield Note(
            "only_protected",
            _("Only the protected networks and parts of them are learned: a larger network of the cloud is dropped."),
        )
    if bgp.local_asn == bgp.peer_asn:
        yield Note("same_asn", _("Both sides have the same AS number: this is internal BGP."))
    if not bgp.key:
        yield Note("no_bgp_key", _("The BGP session has no key. It runs inside the tunnel; a key is still advisable."))


# --- shared by the dialects of vendors ----------------------------------------------------------------------------

# What the site fills in: names of its interfaces and zones, and networks that the console does not know.
OUTSIDE, INSIDE = f"{PLACEHOLDER}OUTER-INTERFACE", f"{PLACEHOLDER}INNER-INTERFACE"
OUTER_ZONE, INNER_ZONE = f"{PLACEHOLDER}OUTER-ZONE", f"{PLACEHOLDER}INNER-ZONE"
OUTER_ADDRESS, NEXT_HOP = f"{PLACEHOLDER}ADDRESS", f"{PLACEHOLDER}NEXT-HOP"
CLOUD_NETWORK, CLOUD_MASK = f"{PLACEHOLDER}CLOUD-NETWORK", f"{PLACEHOLDER}CLOUD-MASK"
SITE_NETWORK, SITE_MASK = f"{PLACEHOLDER}NETWORK", f"{PLACEHOLDER}MASK"
NAT_LIST = f"{PLACEHOLDER}NAT-LIST"

# Comments above the lines that they explain.
ROUTES_OUT = f"Where the default route does not lead out of {OUTSIDE}, the networks of the cloud need routes:"
EXEMPTION = "If this device translates addresses, in front of its other rules for that:"
BLACK_HOLE = "While the tunnel is down, nothing for the cloud leaves in clear:"
EACH_NETWORK = "For each network of the cloud:"
SEGMENTS = "TCP segments that fit into the tunnel"

# The most networks that the device learns from the cloud. It is a guard against a leak, far beyond what is usual.
MOST_PREFIXES = 1000


def key_notes(
    document: Document,
    *,
    forbidden: str,
    shortest: int = 1,
    longest: int = limits.PSK_LENGTH,
    bgp_forbidden: str = "",
    bgp_longest: int = limits.AUTH_KEY_LENGTH,
    encrypted: tuple[str, ...] = (),
    hexadecimal: tuple[str, ...] = (),
) -> Iterator[Note]:
    """Refuse keys with characters that the device's command line interprets, or of an unsupported length.

    `encrypted`: prefixes of keys that the device takes for encrypted ones; `hexadecimal`: prefixes of pre-shared keys
    that it takes for hexadecimal digits. Notes name the forbidden characters, never
    those of the key.
    """
    keys = [("psk", _("pre-shared key"), document.psk, forbidden, shortest, longest)]
    if document.bgp is not None and document.bgp.key:
        # Only a BGP key may contain a double quote.
        signs = "".join(dict.fromkeys((bgp_forbidden or forbidden) + '"'))
        keys.append(("bgp_key", _("BGP key"), document.bgp.key, signs, 1, bgp_longest))
    for code, what, key, signs, minimum, maximum in keys:
        if set(key) & set(signs):
            text = _("This device cannot be given a {what} with any of {signs} in it. Choose another key.")
            yield Note(f"{code}_signs", text.filled(what=what, signs=" ".join(signs)), True)
        if not minimum <= len(key) <= maximum:
            text = _("This device takes a {what} of {minimum} to {maximum} characters. Choose another key.")
            yield Note(f"{code}_length", text.filled(what=what, minimum=minimum, maximum=maximum), True)
        if encrypted and key.startswith(encrypted):
            text = _("This device takes a {what} that begins with {signs} for an encrypted one. Choose another key.")
            yield Note(f"{code}_encrypted", text.filled(what=what, signs=" ".join(encrypted)), True)
    if hexadecimal and document.psk.startswith(hexadecimal):
        text = _("This device reads a pre-shared key that begins with {signs} as hexadecimal. Choose another key.")
        yield Note("psk_hexadecimal", text.filled(signs=" ".join(hexadecimal)), True)


def kind_of(identity: str) -> str:
    """The type of an identity: address, email or name."""
    if not parsing.is_fqdn(identity):
        return "address"
    return "email" if "@" in identity else "name"


def own_address_notes(document: Document) -> Iterator[Note]:
    """For devices that can only identify themselves by the address of their outer interface."""
    if document.local_id != document.local_ip:
        text = _(
            "This device identifies itself by its own address and nothing else. Make RemoteId {address}, or choose a "
            "device that can be told."
        )
        yield Note("own_address", text.filled(address=document.local_ip), True)
    else:
        text = _(
            "This device identifies itself by the address of its interface. Behind NAT that is not {address}, and the "
            "cloud will not know it."
        )
        yield Note("own_address", text.filled(address=document.local_ip))


def first_packet_notes(document: Document) -> Iterator[Note]:
    """For devices whose policies wait for traffic."""
    if not document.is_route_based and not document.cloud_initiates:
        yield Note("first_packet", _("Neither side starts the tunnel: the first packet to the other side does."))


WEAK = (
    EncryptionAlgorithm.DES,
    EncryptionAlgorithm.TRIPLE_DES,
    AuthenticationAlgorithm.MD5,
    DhGroup.GROUP1,
    DhGroup.GROUP2,
    DhGroup.GROUP5,
)


def weak_notes(document: Document, *, since: str = "", refused: Iterable[str] = WEAK) -> Iterator[Note]:
    """Options that newer releases of a device refuse."""
    ike, ipsec = document.ike, document.ipsec
    chosen = (ike.encryption, ike.authentication, ike.group, ipsec.encryption, ipsec.authentication, ipsec.pfs)
    if weak := [option.value for option in dict.fromkeys(chosen) if option.value in set(refused)]:
        text = _("Newer releases of this device may refuse {options}. Choose stronger ones.")
        if since:
            text = _("{release} and newer releases may refuse {options}. Choose stronger ones.")
        yield Note("weak", text.filled(release=since, options=", ".join(dict.fromkeys(weak))))


def site_notes(document: Document, *, always: bool = False) -> Iterator[Note]:
    """What remains to be configured on the device. `always`: it translates what enters a tunnel interface, too."""
    if always or not document.is_route_based:
        yield Note(
            "source_nat",
            _("Traffic between the networks must not be translated: exempt it from source NAT on this device."),
        )


def zone_notes(document: Document) -> Iterator[Note]:
    """For devices that always use a tunnel interface and translate by zone or policy."""
    yield Note(
        "zone_nat",
        _("If this device translates addresses on the way into the tunnel, exempt the traffic for the cloud."),
    )


def masked(network: str) -> str:
    """A network as address and network mask."""
    return IPv4Network(network).with_netmask.replace("/", " ")


def wild(network: str) -> str:
    """A network as address and wildcard mask."""
    return IPv4Network(network).with_hostmask.replace("/", " ")


def site_masked(document: Document) -> list[str]:
    """The networks of the data center behind the tunnel with their masks, or words for them if none is known."""
    networks = document.announced if document.is_route_based else document.local_networks
    return [masked(network) for network in networks] or [f"{SITE_NETWORK} {SITE_MASK}"]


def cloud_masked(document: Document) -> list[str]:
    """The networks of the cloud with their masks, or words for them if none is known."""
    return [masked(network) for network in document.remote_networks] or [f"{CLOUD_NETWORK} {CLOUD_MASK}"]


def routed_masked(document: Document) -> list[str]:
    """The networks of the cloud that need routes, with their masks, or words for them if none is known."""
    return [masked(network) for network in document.routed_networks] or [f"{CLOUD_NETWORK} {CLOUD_MASK}"]
