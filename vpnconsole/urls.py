"""The doors of the house."""

from django.urls import include, path

urlpatterns = [path("", include("connections.console.urls"))]

handler403 = "connections.console.views.errors.forbidden"
handler404 = "connections.console.views.errors.not_found"
