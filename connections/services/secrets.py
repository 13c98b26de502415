"""Stored secrets and the keys that open them."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from django.apps import apps
from django.apps.registry import Apps
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import DEFAULT_DB_ALIAS, models, transaction

from connections.english import counted
from connections.persistence import encryption
from connections.persistence.fields import EncryptedField

# How many of the oldest and of the newest secrets in each column are opened when a server starts.
SAMPLE = 200


def sealed_columns(registry: Apps = apps) -> list[tuple[type[models.Model], str]]:
    """Return every column with sealed secrets, as pairs of model and field name."""
    return [
        (model, field.name)
        for model in registry.get_models()
        for field in model._meta.get_fields()
        if isinstance(field, EncryptedField)
    ]


def _sealed(model: type[models.Model], name: str, using: str = DEFAULT_DB_ALIAS) -> models.QuerySet:
    return model._base_manager.using(using).exclude(**{name: ""}).order_by("pk")


def make_first_key(using: str = DEFAULT_DB_ALIAS, apps: Apps = apps, **signal: object) -> None:
    """Create the key file after a migration, but only if nothing in the database is sealed yet.

    If secrets are sealed, a missing file is a loss: a new key would open none of them and hide the loss.
    """
    is_file = isinstance(settings.ENCRYPTION_KEYS, Path)
    if is_file and not any(_sealed(model, name, using).exists() for model, name in sealed_columns(apps)):
        encryption.make_first_key()


def unreadable(keys: list[str] | None = None, using: str = DEFAULT_DB_ALIAS, sample: int | None = None) -> Counter[str]:
    """Count the stored secrets that the keys do not open, by column. Default: this installation's keys, every secret.

    With `sample`, try only so many of the oldest and of the newest secrets of each column.
    """
    opens = encryption.opener(encryption.keys() if keys is None else keys)
    counts: Counter[str] = Counter()
    for model, name in sealed_columns():
        rows = _sealed(model, name, using).values_list("pk", name)
        tried = rows.iterator(1000) if sample is None else dict([*rows[:sample], *rows.reverse()[:sample]]).items()
        if count := sum(not opens(sealed.token) for _, sealed in tried):
            counts[f"{model._meta.label_lower}.{name}"] = count
    return counts


def key_problems() -> Iterator[str]:
    """Explain why a server must not start with the keys of this installation, and what to do."""
    try:
        settings.SECRET_KEY  # noqa: B018 - Django refuses to hand out an empty one
    except ImproperlyConfigured:
        yield "The file secret-key is empty. Put its copy back, or delete the file: then everybody signs in again."
    try:
        keys = encryption.keys()
        lost = unreadable(keys, sample=SAMPLE)
    except ImproperlyConfigured as error:
        yield str(error)
        return
    source = settings.ENCRYPTION_KEYS
    if isinstance(source, Path) and not keys:
        yield f"{source} is missing or empty. Put its copy back, or restore a backup: stored secrets need its keys."
    elif lost:
        yield (
            f"{counted(lost.total(), 'stored secret')} cannot be opened: "
            f"{source if isinstance(source, Path) else 'ENCRYPTION_KEYS'} lacks the key that sealed them. "
            "Add it behind the others."
        )


def rotate() -> int:
    """Seal every stored secret again under the newest key, and return their number.

    A key file first gets a new key. It keeps the previous one, because another process may be using it, and loses older
    ones. Of keys from the environment, which the operator changes, the first is used. Raises WrongKey, and changes
    nothing, if a secret cannot be opened.
    """
    source = settings.ENCRYPTION_KEYS
    if lost := unreadable():
        raise encryption.WrongKey(f"{counted(lost.total(), 'stored secret')} cannot be opened with the keys at hand.")
    if isinstance(source, Path):
        # After this, only the two newest keys are needed.
        encryption.write_keys(source, [encryption.new_key(), *encryption.keys()])
    count = 0
    with transaction.atomic():
        for model, name in sealed_columns():
            rows = _sealed(model, name).select_for_update()
            for pk, sealed in rows.values_list("pk", name).iterator(chunk_size=1000):
                model._base_manager.filter(pk=pk).update(**{name: encryption.Sealed(encryption.reseal(sealed.token))})
                count += 1
    if isinstance(source, Path):
        encryption.write_keys(source, encryption.keys()[:2])
    return count
