"""Sessions in the database, under digests of their keys: nobody can use a copy of the table to take over a session."""

import hashlib

from django.contrib.sessions.backends import db
from django.contrib.sessions.backends.base import UpdateError
from django.utils import timezone

from connections.persistence.database_outages import reason


def stored_key(session_key: str | None) -> str | None:
    """The digest under which a session is stored: 160 bits in 40 characters, the length of the column."""
    return session_key and hashlib.blake2b(session_key.encode(), digest_size=20).hexdigest()


class SessionStore(db.SessionStore):
    """The cookie contains `session_key`, the row its `stored_key`."""

    def load(self):
        row = self.model.objects.filter(
            session_key=stored_key(self.session_key), expire_date__gt=timezone.now()
        ).first()
        if row is None:
            # Also drops the key, so that the next save creates a session with a new one.
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
        """Raise the database's error if there is one: Django takes every error for a deleted session."""
        try:
            super().save(must_create)
        except UpdateError as error:
            cause = error.__context__
            if cause and reason(cause):
                raise cause from cause.__cause__
            raise
