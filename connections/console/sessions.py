"""Sessions in the database. The table holds digests of session keys, so a copy of it opens no session."""

import hashlib

from django.contrib.sessions.backends import db
from django.contrib.sessions.backends.base import UpdateError
from django.utils import timezone

from connections.persistence.database_outages import reason


def stored_key(session_key: str | None) -> str | None:
    """The key under which a session is stored: 160 bits in 40 characters, as many as the column has."""
    return session_key and hashlib.blake2b(session_key.encode(), digest_size=20).hexdigest()


class SessionStore(db.SessionStore):
    """`session_key` is what the cookie holds; `stored_key` of it is what the row holds."""

    def load(self):
        row = self.model.objects.filter(
            session_key=stored_key(self.session_key), expire_date__gt=timezone.now()
        ).first()
        if row is None:
            # Forgets the key too: the next save must create a session under a key of our own.
            self.flush()
            return {}
        return self.decode(row.session_data)

    def exists(self, session_key):
        return super().exists(stored_key(session_key) or "")

    def create_model_instance(self, data):
        row = super().create_model_instance(data)
        row.session_key = stored_key(str(row.session_key)) or ""
        return row

    def delete(self, session_key=None):
        super().delete(stored_key(session_key or self.session_key))

    def save(self, must_create=False):
        """Raise the database's error where there is one: Django takes every error for a session that was deleted."""
        try:
            super().save(must_create)
        except UpdateError as error:
            cause = error.__context__
            if cause and reason(cause):
                raise cause from cause.__cause__
            raise
