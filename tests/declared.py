"""All declared forms, fields and columns, for tests that walk them, so that new ones are covered automatically."""

import copy
import pkgutil
from importlib import import_module

from django import forms
from django.apps import apps
from django.db import models
from django.http import QueryDict

from connections.console import forms as console_forms
from connections.console.forms.base import ConsoleForm, dress
from connections.persistence.fields import CidrListField, SecretField


def form_classes() -> list[type[ConsoleForm]]:
    """Every form of the console, by name."""
    for module in pkgutil.iter_modules(console_forms.__path__, f"{console_forms.__name__}."):
        import_module(module.name)

    def below(cls):
        for one in cls.__subclasses__():
            yield one
            yield from below(one)

    classes = {one for one in below(ConsoleForm) if issubclass(one, forms.BaseForm) and getattr(one, "base_fields", ())}
    return sorted(classes, key=lambda one: one.__name__)


def form_fields() -> list[tuple[str, str, forms.Field]]:
    """Every field of these forms, prepared as for a page, with the names of its form and itself."""
    fields = [
        (one.__name__, name, copy.deepcopy(field)) for one in form_classes() for name, field in one.base_fields.items()
    ]
    for _, _, field in fields:
        dress(field, mandatory=False)
    return fields


def text_columns() -> list[models.Field]:
    """Every column with free text: no secrets, no choices, nothing that the program itself writes."""
    return [
        field
        for model in apps.get_app_config("connections").get_models()
        for field in model._meta.fields
        if isinstance(field, (models.CharField, models.TextField))
        and field.editable
        and not field.choices
        and not isinstance(field, SecretField)
    ]


def takes_list(name: str, field: forms.Field) -> bool:
    """Whether a form field accepts several values."""
    names = {name, "tag_key", "tag_value"}
    posted = QueryDict("&".join(f"{one}=a&{one}=b" for one in sorted(names)))
    return isinstance(field.widget.value_from_datadict(posted, {}, name), list)


def list_columns() -> list[models.Field]:
    """Every column that holds a list of texts."""
    return [
        field
        for model in apps.get_app_config("connections").get_models()
        for field in model._meta.fields
        if isinstance(field, CidrListField)
    ]
