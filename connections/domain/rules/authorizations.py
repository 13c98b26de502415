"""Authorizations of other accounts."""

import re
from collections.abc import Iterator

from connections.domain.limits import UID_LENGTH
from connections.domain.problems import Problem
from connections.messages import message as _


def authorization_problems(own_uid: str, peer_uid: str, peer_cen_id: str) -> Iterator[Problem]:
    """Judge to which account and CEN instance a connection is opened. [P110]"""
    if not re.fullmatch(rf"[0-9]{{{UID_LENGTH}}}", peer_uid or "", re.ASCII):
        yield Problem("peer_uid", "malformed", _("Enter the 16 digits of the other account's UID."))
    elif peer_uid == own_uid:
        yield Problem("peer_uid", "own_account", _("This is your own account; no authorization needed."))
    if not re.fullmatch(r"cen-[0-9a-z]{1,28}", peer_cen_id or "", re.ASCII):
        yield Problem(
            "peer_cen_id", "malformed", _("Enter the ID of the other account's CEN instance; it begins with cen-.")
        )
