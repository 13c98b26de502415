"""What a dialect is, and what holds for all of them: the notes that go with a text, and when there is none."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from connections import rules
from connections.choices import IkeMode, IkeVersion, PfsGroup
from connections.messages import Message
from connections.messages import message as _
from connections.peer_config.document import Document, is_plain_identity


@dataclass(frozen=True, slots=True)
class Note:
    """Something to know about a text, in one sentence. One that refuses stands in place of the text."""

    code: str
    text: Message
    refuses: bool = False


Limits = Callable[[Document], Iterable[Note]]


def no_limits(document: Document) -> Iterable[Note]:
    return ()


@dataclass(frozen=True, slots=True)
class Dialect:
    """How one kind of device writes a document.

    `keywords` holds the words for every member of every choice, by the place in the document that it is for, such as
    `ike.encryption`. None says that the device has no word: then there is no text, and a note says why. `render`
    returns the text of each file by its name. `limits` yields what else the device cannot express.
    """

    key: str
    title: str
    render: Callable[[Document], dict[str, str]]
    keywords: Mapping[str, Mapping[str, str | None]] = field(default_factory=dict)
    limits: Limits = no_limits
    bgp_only: bool = False


@dataclass(frozen=True, slots=True)
class Configuration:
    """The files for a device by name, and what to know about them. Refused: no files, and the notes say why."""

    files: Mapping[str, str] = field(repr=False)
    notes: tuple[Note, ...]

    @property
    def refused(self) -> bool:
        return any(note.refuses for note in self.notes)


def value_at(document: Document, path: str):
    """The value at a place such as `ike.encryption`."""
    value = document
    for name in path.split("."):
        value = getattr(value, name)
    return value


def generate(dialect: Dialect, document: Document) -> Configuration:
    """The text for a device with its notes, or the reasons why there is none."""
    notes = tuple({note.code: note for note in _notes(dialect, document)}.values())
    if any(note.refuses for note in notes):
        return Configuration({}, tuple(note for note in notes if note.refuses))
    return Configuration(dialect.render(document), notes)


def _notes(dialect: Dialect, document: Document) -> Iterator[Note]:
    if dialect.bgp_only and document.bgp is None:
        yield Note("no_bgp", _("BGP is not enabled for this connection, and this format is for BGP alone."), True)
        return
    yield from secret_notes(document)
    if not dialect.bgp_only:
        yield from _tunnel_notes(dialect, document)
    yield from dialect.limits(document)


def _tunnel_notes(dialect: Dialect, document: Document) -> Iterator[Note]:
    for path, words in dialect.keywords.items():
        value = value_at(document, path)
        if words[value] is None:
            text = _("{device} has no {option}. Choose another one for this connection.")
            yield Note(f"no_{path}", text.filled(device=dialect.title, option=value.label), True)
    yield from identity_notes(document)
    if document.is_aggressive:
        yield Note(
            "aggressive",
            _("Aggressive mode shows both identities, and a hash to guess the key from, to everybody on the way."),
        )
    if document.health_check is not None:
        text = _(
            "For the health check, the data centre must route {source}/32 into the tunnel, so that answers come back "
            "the way they came."
        )
        yield Note("health_check_route", text.filled(source=document.health_check.source))


def secret_notes(document: Document) -> Iterator[Note]:
    """Keys stand in the text. One that the rules do not allow may be read as something else."""
    if not document.psk or any(rules.psk_problems(document.psk)):
        yield Note("psk", _("The pre-shared key holds characters that are not allowed. Change it first."), True)
    if document.bgp is not None and any(rules.auth_key_problems(document.bgp.key)):
        yield Note("bgp_key", _("The BGP key holds characters that are not allowed. Change it first."), True)
    yield Note(
        "secrets",
        _("The keys are in clear. Only people who may edit this connection can see them; keep the text as safe."),
    )


def identity_notes(document: Document) -> Iterator[Note]:
    """Identities that devices would read as something else, or that do not fit the mode."""
    # The connection's names for them are the reverse of the document's.
    for name, identity in (("RemoteId", document.local_id), ("LocalId", document.remote_id)):
        if not is_plain_identity(identity):
            text = _(
                "{name} is neither an address nor a domain name, and devices read it in different ways. "
                "Change it first."
            )
            yield Note(f"identity_{name}", text.filled(name=name), True)
        elif document.ike.version == IkeVersion.IKEV1 and document.ike.mode == IkeMode.MAIN and rules.is_fqdn(identity):
            text = _("{name} is a name, but in main mode ikev1 identifies peers by address. Choose aggressive.")
            yield Note(f"name_{name}", text.filled(name=name))


# --- notes that some dialects share ------------------------------------------------------------------------------


def lifetime_notes(document: Document, *, minimum: int = 1, maximum: int = rules.LIFETIME_MAX) -> Iterator[Note]:
    """Refuse lifetimes that a device cannot be told: 0, and whatever lies outside its own bounds (seconds)."""
    for phase, lifetime in ((1, document.ike.lifetime), (2, document.ipsec.lifetime)):
        if lifetime == 0:
            text = _("This device cannot be told a lifetime without end (0), as phase {phase} has it.")
            yield Note(f"lifetime_{phase}", text.filled(phase=phase), True)
        elif not minimum <= lifetime <= maximum:
            text = _("This device takes lifetimes from {minimum} to {maximum} seconds; phase {phase} has {lifetime}.")
            facts = {"minimum": minimum, "maximum": maximum, "phase": phase, "lifetime": lifetime}
            yield Note(f"lifetime_{phase}", text.filled(**facts), True)


def pair_notes(document: Document) -> Iterator[Note]:
    """Devices with one SA for each pair of networks, where the cloud makes one for all."""
    if len(document.pairs) > 1:
        yield Note(
            "pairs",
            _(
                "This device makes one SA for each pair of networks, the cloud one for all of them. If only one pair "
                "works, make a connection for each pair, or choose Destination Routing Mode."
            ),
        )


def bgp_notes(document: Document) -> Iterator[Note]:
    """Devices whose BGP is configured elsewhere."""
    if document.bgp is not None:
        yield Note("bgp", _("This sets up the tunnel alone. For the BGP session take the format FRR or BIRD as well."))


def pfs_group(document: Document) -> PfsGroup | None:
    """The group of phase 2, or None without perfect forward secrecy."""
    return None if document.ipsec.pfs == PfsGroup.DISABLED else document.ipsec.pfs
