"""The doors of the house."""

from django.urls import include, path

urlpatterns = [path("", include("connections.console.urls"))]

handler400 = "connections.console.views.errors.bad_request"
handler403 = "connections.console.views.errors.forbidden"
handler404 = "connections.console.views.errors.not_found"
handler500 = "connections.console.views.errors.server_error"
