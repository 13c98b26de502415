"""Peer configurations for a device with both tunnels of a connection, and for one with a tunnel alone."""

import json
import re
from dataclasses import replace

import pytest

from connections.peer_config import DIALECTS, generate, generate_both
from connections.peer_config.dialect import Group
from tests.documents import KINDS, POLICIES_ALONE, both, put

KEYS = sorted(DIALECTS)
TUNNELS = [key for key in KEYS if DIALECTS[key].group != Group.CLOUDS and not DIALECTS[key].bgp_only]
# What a device takes once, or takes again without harm, however many tunnels it has.
SESSIONS = [key for key in KEYS if DIALECTS[key].group != Group.CLOUDS]


@pytest.mark.parametrize("kind", ["protected", "destination", "bgp"])
@pytest.mark.parametrize("key", TUNNELS)
def test_both_tunnels_are_printed_with_their_own_names_addresses_and_keys(key, kind):
    documents = both(KINDS[kind])
    made = generate_both(DIALECTS[key], documents)
    alone = [generate(DIALECTS[key], replace(one, has_both=False)) for one in documents]
    assert made.refused == any(one.refused for one in alone)
    if made.refused:
        return
    text = "".join(made.files.values())
    for one in documents:
        assert one.remote_ip in text
    if key == "json":
        return
    # Nothing of one tunnel overwrites the other: files and names differ.
    assert len(made.files) == sum(len(one.files) for one in alone)
    names = [set(re.findall(rf"{one.key}\b", text)) for one in documents]
    assert all(names) or all(one.short_name(15) in text or str(one.number) in text for one in documents)


@pytest.mark.parametrize("key", KEYS)
def test_a_tunnel_alone_is_printed_as_the_only_one_is_but_for_its_name(key):
    """The number of the tunnel is in names; nothing else of the tunnel changes."""
    document = KINDS["bgp"] if DIALECTS[key].bgp_only else KINDS["protected"]
    alone = generate(DIALECTS[key], replace(document, index=1))
    only = generate(DIALECTS[key], document)

    def plain(texts):
        joined = "".join(texts).replace(f"{document.connection_id}-1", document.connection_id)
        joined = joined.replace(replace(document, index=1).short_name(15), document.short_name(15))
        joined = joined.replace(replace(document, index=1).short_name(20), document.short_name(20))
        underlined = document.connection_id.replace("-", "_")
        # A session that is one of two gives up a lost way at once, and tries again soon.
        joined = re.sub(r".*(graceful.restart|error wait time).*\n", "", joined)
        return joined.replace(", tunnel 1", "").replace(f"{underlined}_1", underlined)

    assert plain(alone.files.values()) == plain(only.files.values())


@pytest.mark.parametrize("key", SESSIONS)
def test_a_device_has_one_router_id_and_uses_both_sessions(key):
    first, second = both(KINDS["bgp"])
    made = generate_both(DIALECTS[key], [first, second])
    text = "".join(made.files.values())
    assert not re.search(rf"router.id\W+{second.session.local_ip}", text, re.IGNORECASE)
    if first.session.peer_ip not in text or key == "json":
        return
    text = "\n".join(line for line in text.splitlines() if "multipath: the device" not in line)
    multipath = re.search(r"maximum-paths|merge paths|multipath|load-balancing|balance 2|ecmp", text)
    assert bool(multipath) != any(note.code == "multipath" for note in made.notes)


@pytest.mark.parametrize("key", [key for key in TUNNELS if not DIALECTS[key].is_verbatim])
def test_a_device_that_goes_by_networks_is_told_once_that_tunnels_take_turns(key):
    made = generate_both(DIALECTS[key], both(KINDS["protected"]))
    assert [note.code for note in made.notes].count("turns") == 1
    assert all(text.count("take turns") <= 1 for text in made.files.values())
    assert len(made.notes) == len({note.text for note in made.notes})
    routed = KINDS["bgp"] if key not in POLICIES_ALONE else KINDS["protected"]
    codes = {note.code for one in (KINDS["protected"], routed) for note in generate(DIALECTS[key], one).notes}
    if key not in POLICIES_ALONE:
        codes |= {
            note.code
            for kind in ("destination", "bgp")
            for note in generate_both(DIALECTS[key], both(KINDS[kind])).notes
        }
    assert "turns" not in codes


@pytest.mark.parametrize(("key", "word"), [("swanctl", "updown = "), ("strongswan", "leftupdown=")])
def test_strongswan_follows_a_lost_tunnel_where_nothing_else_does(key, word):
    """BGP notices itself, and with networks or a tunnel alone there is no other way to take."""
    followed = "".join(generate_both(DIALECTS[key], both(KINDS["destination"])).files.values())
    assert followed.count(word) == 2
    assert followed.count("blackhole default") == followed.count("ip rule add") == 1
    others = [generate_both(DIALECTS[key], both(KINDS[kind])) for kind in ("protected", "bgp")]
    others.append(generate(DIALECTS[key], replace(KINDS["destination"], index=1)))
    assert not any(word in text or "blackhole" in text for one in others for text in one.files.values())


def test_libreswan_says_that_nothing_follows_a_lost_tunnel():
    def codes(kind):
        return {note.code for note in generate_both(DIALECTS["libreswan"], both(KINDS[kind])).notes}

    assert "untracked" in codes("destination")
    assert "untracked" not in codes("bgp") | codes("protected")


@pytest.mark.parametrize("key", [key for key in KEYS if DIALECTS[key].group == Group.CLOUDS])
def test_another_cloud_refuses_both_and_takes_each(key):
    documents = both(put(KINDS["protected"], "psk", "Abc123abc"))
    assert [note.code for note in generate_both(DIALECTS[key], documents).notes] == ["apart"]
    assert not generate(DIALECTS[key], replace(documents[1], has_both=False, psk="Abc123abc")).refused


def test_the_console_has_one_document_with_both():
    documents = both(KINDS["bgp"])
    ((name, text),) = generate_both(DIALECTS["json"], documents).files.items()
    assert name == f"{documents[0].connection_id}.json"
    made = json.loads(text)
    entries = made["TunnelsConfig"]["TunnelConfig"]
    assert [entry["Remote"] for entry in entries] == [one.remote_ip for one in documents]
    assert [entry["IkeConfig"]["Psk"] for entry in entries] == [one.psk for one in documents]
    assert [one["TunnelId"] for one in made["BgpConfigs"]["BgpConfig"]] == [one.tunnel_id for one in documents]
    assert made["Remote"] == documents[0].remote_ip
