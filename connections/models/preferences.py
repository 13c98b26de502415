"""What a user has set for themselves: the columns of a list, and filters under a name."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from connections.domain import limits
from connections.models.accounts import User


class ColumnChoice(models.Model):
    """Which columns of a list a user wants to see, in which order. `page` is the list's URL name."""

    user = models.ForeignKey(User, models.CASCADE, related_name="column_choices")
    page = models.CharField(max_length=32)
    keys = models.JSONField(default=list)

    class Meta:
        constraints = (models.UniqueConstraint("user", "page", name="columns_once_a_list"),)


class SavedFilter(models.Model):
    """What a list was searched, filtered and sorted by, under a name. `query` is the address's, without the `?`."""

    user = models.ForeignKey(User, models.CASCADE, related_name="saved_filters")
    page = models.CharField(max_length=32, editable=False)
    name = models.CharField(_("Name"), max_length=limits.FILTER_NAME_LENGTH)
    query = models.CharField(max_length=1000, editable=False)

    class Meta:
        ordering = ("name",)
        constraints = (models.UniqueConstraint("user", "page", "name", name="filter_name_once"),)

    def __str__(self) -> str:
        return self.name
