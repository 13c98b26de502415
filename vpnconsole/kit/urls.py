"""The console's addresses, and those of the kit's pages for people. The control endpoint has a table of its own."""

from django.conf import settings
from django.urls import include, path

from vpnconsole import urls
from vpnconsole.kit.pages import panel, playing, recording, start, visiting
from vpnconsole.urls import handler400, handler403, handler404, handler500

__all__ = ["handler400", "handler403", "handler404", "handler500", "urlpatterns"]

pages = [
    *recording.urlpatterns,
    path("", start.start, name="start"),
    path("begin", start.begin, name="begin"),
    path("start-over", visiting.start_over, name="start-over"),
    *panel.urlpatterns,
    *playing.urlpatterns,
]
# In place of the console's own.
visited = [
    path("login/", visiting.SignIn.as_view(), name="login"),
    path("demo/login-as/", visiting.login_as, name="login-as"),
]

urlpatterns = [
    *(visited if settings.KIT_VISITORS else []),
    *urls.urlpatterns,
    path("_kit/", include((pages, "kit"))),
    path("llms.txt", start.llms, name="llms"),
]
