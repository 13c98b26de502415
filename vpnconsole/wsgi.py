"""The door for a WSGI server."""

import os

from django.conf import settings
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "vpnconsole.settings")

application = get_wsgi_application()

from connections.api.chunked import WholeBody  # noqa: E402 - needs no models, but the settings

application = WholeBody(application, settings.DATA_UPLOAD_MAX_MEMORY_SIZE)
