"""The door for a WSGI server."""

import os

from django.conf import settings
from django.core.wsgi import get_wsgi_application

from vpnconsole.bodies import ReadOut, WholeBody

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "vpnconsole.settings")

application = ReadOut(WholeBody(get_wsgi_application(), settings.DATA_UPLOAD_MAX_MEMORY_SIZE))
