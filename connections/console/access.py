"""Which right a view requires.

Every member of the account may get an unmarked view, but posting to it requires the right to write. So a new view is
closed to read-only members until it is marked.
"""

from connections.domain.roles import Right

SAFE = ("GET", "HEAD", "OPTIONS", "TRACE")


def needs(right: Right):
    """Mark a view that requires a right even for GET, such as a form or a key."""

    def mark(view):
        view.right = right
        return view

    return mark


def personal(view):
    """Mark a view about the member's own affairs, such as signing out, which every role may post to."""
    view.right = None
    return view


def right_of(view, method: str | None) -> Right | None:
    """The right that a request requires, or None. Views that are open to anonymous users check by themselves."""
    if hasattr(view, "right"):
        return view.right
    if method in SAFE or not getattr(view, "login_required", True):
        return None
    return Right.WRITE
