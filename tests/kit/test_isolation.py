"""Clients of several worlds and of the installation itself, at once."""

import pytest

from vpnconsole.testing.interleaving import KINDS, Interleaving, files_of

pytestmark = pytest.mark.pg


def test_no_request_sees_another_world(server, control):
    several = Interleaving(server, control)
    several.begin()
    before = files_of(server)
    several.run(clients=8, requests=10)
    assert several.wrong == []
    assert several.counts.keys() == KINDS.keys()
    assert several.lines_of_other_worlds(server.log.read_text()) == []
    assert files_of(server) == before
    assert several.hits()
    several.end()
