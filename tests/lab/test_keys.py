"""Every pre-shared key that the rules allow reaches the device unchanged: two daemons agree on it."""

import pytest

from connections.domain import rules
from tests.lab.stage import connection_of

SIGNS = list(rules.PSK_SPECIALS)
PLACES = {"first": "{}hb7", "in the middle": "h{}b7", "last": "hb7{}"}
# Characters that a parser might misread.
TRAPS = [
    "0x41424344",
    "0sQUJDRA==",
    "0X41",
    "0S41",
    "include",
    "a",
    "#",
    "'",
    "\\",
    "\\n",
    "${x}",
    "%any",
    "=",
    "{",
    "}",
]
LONG = "".join(sorted(rules.PSK_CHARACTERS))


def test_every_sign_first_in_the_middle_and_last_in_one_key(lab):
    for sign in SIGNS:
        lab.establish(connection_of({"psk": f"{sign}h{sign}b7{sign}"}))
        lab.reset()


@pytest.mark.parametrize("key", [*TRAPS, LONG[:100], "a" * 100], ids=lambda key: key[:12])
def test_keys_that_look_like_something_else(lab, key):
    lab.establish(connection_of({"psk": key}))


@pytest.mark.full
@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("sign", SIGNS)
def test_every_sign_in_every_place(lab, sign, place):
    lab.establish(connection_of({"psk": PLACES[place].format(sign)}))


def test_keys_in_legacy_files(legacy_lab):
    for key in (*TRAPS, LONG[:100]):
        legacy_lab.establish(connection_of({"psk": key}))
        legacy_lab.reset()


@pytest.mark.full
def test_every_sign_in_legacy_files(legacy_lab):
    for sign in SIGNS:
        legacy_lab.establish(connection_of({"psk": f"{sign}h{sign}b7{sign}"}))
        legacy_lab.reset()


@pytest.mark.full
@pytest.mark.parametrize("mode", ["main", "aggressive"])
def test_every_sign_with_ikev1(lab, mode):
    for sign in SIGNS:
        lab.establish(connection_of({"psk": f"{sign}b7{sign}", "ike_version": "ikev1", "ike_mode": mode}))
        lab.reset()


def test_a_key_that_the_system_made(lab):
    lab.prove(connection_of({"psk": ""}))
