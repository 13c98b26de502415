"""Sessions in the database: Django's own, found by a query that is written once."""

from django.contrib.sessions.backends import db
from django.contrib.sessions.models import Session
from django.utils import timezone

from connections.prepared import Prepared

_session = Prepared(lambda now, key: Session.objects.filter(expire_date__gt=now, session_key=key))


class SessionStore(db.SessionStore):
    def _get_session_from_db(self):
        found = _session.first(timezone.now(), self.session_key)
        if found is None:
            self._session_key = None
        return found
