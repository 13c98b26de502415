"""The console's addresses, and those of the kit's pages for people. The control endpoint has a table of its own."""

from django.urls import include, path

from vpnconsole import urls
from vpnconsole.kit.pages import recording
from vpnconsole.urls import handler400, handler403, handler404, handler500

__all__ = ["handler400", "handler403", "handler404", "handler500", "urlpatterns"]

pages = [
    *recording.urlpatterns,
]

urlpatterns = [*urls.urlpatterns, path("_kit/", include((pages, "kit")))]
