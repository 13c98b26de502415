"""Which right a view takes.

A view that says nothing may be looked at by every member of the account; to post to it takes the right to write. So a
new view is closed to those who may only look until somebody opens it.
"""

from connections.domain.roles import Right

SAFE = ("GET", "HEAD", "OPTIONS", "TRACE")


def needs(right: Right):
    """Mark a view that takes a right even to look at: a form, a key."""

    def mark(view):
        view.right = right
        return view

    return mark


def personal(view):
    """Mark a view about the member's own affairs, such as signing out, which every role may post to."""
    view.right = None
    return view


def right_of(view, method: str | None) -> Right | None:
    """What a request to a view takes. Views that are open to strangers judge for themselves."""
    if hasattr(view, "right"):
        return view.right
    if method in SAFE or not getattr(view, "login_required", True):
        return None
    return Right.WRITE
