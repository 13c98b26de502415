"""Preferences of users: columns of lists and saved filters."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from connections.domain import limits
from connections.models.accounts import User


class ColumnChoice(models.Model):
    """The columns that a user has chosen for a list, in order. `page` is the list's URL name."""

    user = models.ForeignKey(User, models.CASCADE, related_name="column_choices")
    page = models.CharField(max_length=32)
    keys = models.JSONField(default=list)

    class Meta:
        constraints = (models.UniqueConstraint("user", "page", name="columns_once_a_list"),)


class SavedFilter(models.Model):
    """A named search, filter and order of a list. `query` is the URL's query without the `?`."""

    user = models.ForeignKey(User, models.CASCADE, related_name="saved_filters")
    page = models.CharField(max_length=32, editable=False)
    name = models.CharField(_("Name"), max_length=limits.FILTER_NAME_LENGTH)
    query = models.CharField(max_length=1000, editable=False)

    class Meta:
        ordering = ("name",)
        constraints = (models.UniqueConstraint("user", "page", "name", name="filter_name_once"),)

    def __str__(self) -> str:
        return self.name
