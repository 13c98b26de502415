"""Secrets under another encryption key."""

from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.db import models, transaction

from connections import vault
from connections.models.fields import EncryptedField


def sealed_columns() -> list[tuple[type[models.Model], str]]:
    """Every column that holds sealed secrets, of whatever model."""
    return [
        (model, field.name)
        for model in apps.get_models()
        for field in model._meta.get_fields()
        if isinstance(field, EncryptedField)
    ]


def rotate() -> int:
    """Seal every stored secret anew under the newest key, and say how many there were.

    A file of keys gets a new one first and keeps the one before, under which another process may just be sealing; older
    ones go. Keys of the environment are whoever set them's to change: this uses the first of them.
    """
    source = settings.ENCRYPTION_KEYS
    before = vault.keys() if not isinstance(source, Path) or source.exists() else []
    if isinstance(source, Path):
        # Those before the last one open nothing any more once this has run.
        vault.write_keys(source, [vault.new_key(), *before])
    count = 0
    with transaction.atomic():
        for model, name in sealed_columns():
            rows = model._base_manager.exclude(**{name: ""}).select_for_update().order_by("pk")
            for pk, sealed in rows.values_list("pk", name).iterator(chunk_size=1000):
                model._base_manager.filter(pk=pk).update(**{name: vault.Sealed(vault.reseal(sealed.token))})
                count += 1
    if isinstance(source, Path):
        vault.write_keys(source, vault.keys()[:2])
    return count


def unreadable() -> int:
    """How many stored secrets this installation's keys do not open; the first few hundred of each column are tried."""
    count = 0
    for model, name in sealed_columns():
        for sealed in model._base_manager.exclude(**{name: ""}).values_list(name, flat=True)[:200]:
            try:
                sealed.open()
            except vault.Unreadable:
                count += 1
    return count
