"""Sessions in the database. Django's own, but the table holds digests of keys, so that reading it opens no session."""

import hashlib

from django.contrib.sessions.backends import db
from django.contrib.sessions.backends.base import UpdateError
from django.contrib.sessions.models import Session
from django.utils import timezone

from connections.persistence.database_outages import reason
from connections.prepared import Prepared

_session = Prepared(lambda now, key: Session.objects.filter(expire_date__gt=now, session_key=key))


def stored_key(session_key: str | None) -> str | None:
    """The key under which a session is stored: 160 bits in 40 characters, as many as the column has."""
    return session_key and hashlib.blake2b(session_key.encode(), digest_size=20).hexdigest()


class SessionStore(db.SessionStore):
    """`session_key` is what the cookie holds; `stored_key` of it is what the row holds."""

    def _get_session_from_db(self):
        found = _session.first(timezone.now(), stored_key(self.session_key))
        if found is None:
            self._session_key = None
        return found

    def exists(self, session_key):
        return super().exists(stored_key(session_key))

    def create_model_instance(self, data):
        row = super().create_model_instance(data)
        row.session_key = stored_key(row.session_key)
        return row

    def delete(self, session_key=None):
        super().delete(stored_key(session_key or self.session_key))

    def save(self, must_create=False):
        """Raise the database's error where there is one: Django takes every error for a session that was deleted."""
        try:
            super().save(must_create)
        except UpdateError as error:
            told = error.__context__
            if reason(told):
                raise told from told.__cause__
            raise
