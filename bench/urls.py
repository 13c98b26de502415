"""The URLs of the console and of the baselines."""

from django.contrib import admin
from django.urls import include, path

from bench import baselines

urlpatterns = [
    path("bench/hello/", baselines.hello),
    path("bench/bytes/", baselines.same_bytes),
    path("bench/plain/", baselines.plain),
    path("bench/plain-table/", baselines.plain_table),
    path("bench/json/", baselines.plain_json),
    path("bench/form/crispy/", baselines.crispy_form),
    path("bench/form/django/", baselines.django_form),
    path("bench/form/by-hand/", baselines.form_by_hand),
    path("bench/admin/", admin.site.urls),
    path("", include("vpnconsole.urls")),
]
