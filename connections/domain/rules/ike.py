"""IKE and IPsec: pre-shared key, identities, lifetimes, strength of algorithms."""

import re
import string
from collections.abc import Iterator, Mapping

from connections.domain.choices import AuthenticationAlgorithm, DhGroup, EncryptionAlgorithm, IkeMode, IkeVersion
from connections.domain.limits import IDENTITY_LENGTH, LIFETIME_MAX, PSK_LENGTH
from connections.domain.parsing import is_fqdn, loose_ip
from connections.domain.problems import Problem
from connections.domain.rules.addresses import address_problems
from connections.domain.rules.names import is_invisible, line_problems
from connections.messages import Message
from connections.messages import message as _

PSK_SPECIALS = "~`!@#$%^&*()_-+={}[]\\|;:',.<>/?"
PSK_CHARACTERS = frozenset(string.ascii_letters + string.digits + PSK_SPECIALS)

WEAK: dict[str, Message] = {
    EncryptionAlgorithm.DES: _("DES is easily broken. Use aes.", fix="aes"),
    EncryptionAlgorithm.TRIPLE_DES: _("3DES is slow and outdated. Use aes.", fix="aes"),
    AuthenticationAlgorithm.MD5: _("MD5 is broken and many devices reject it. Use sha256.", fix="sha256"),
    DhGroup.GROUP1: _("group1 (768-bit) is insecure. Use group14 if your device supports it.", fix="group14"),
    DhGroup.GROUP2: _(
        "group2 (1024-bit) is weak by current standards. Use group14 for new connections.", fix="group14"
    ),
}
# The worst of these, which can be broken with modest means.
BROKEN = (EncryptionAlgorithm.DES, DhGroup.GROUP1)
CHOICES_THAT_CAN_BE_WEAK = (
    "ike_enc_alg",
    "ike_auth_alg",
    "ike_pfs",
    "ipsec_enc_alg",
    "ipsec_auth_alg",
    "ipsec_pfs",
)


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
        shown = " ".join(
            f"U+{ord(character):04X}" if is_invisible(character) else character for character in others[:10]
        )
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
    elif loose_ip(identity or ""):
        # With zeros in front it would be sent as a name.
        yield from address_problems(field, identity, "203.0.113.10")


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
                field, "name_in_main_mode", _("With a name as identity, we recommend the negotiation mode aggressive.")
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
        value = values.get(field)
        if isinstance(value, str) and value in WEAK:
            yield Problem(field, "weak", WEAK[value])
