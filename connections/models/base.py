"""Base classes of resources: public ID, owner, revision, and a state that follows from the clock."""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar, Self

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from connections import clock, ids
from connections.domain.problems import Problem
from connections.domain.regions import ALL_REGIONS

if TYPE_CHECKING:
    from connections.models.accounts import Account


def raise_problems(problems: Iterable[Problem]) -> None:
    """Raise ValidationError with a rule's problems, if there are any."""
    errors: dict[str, list[ValidationError]] = {}
    for problem in problems:
        errors.setdefault(problem.field, []).append(ValidationError(problem.message, code=problem.code))
    if errors:
        raise ValidationError(errors)


class ResourceQuerySet(models.QuerySet):
    """Queries begin with `of`, the rows of one account."""

    def of(self, account: "Account") -> Self:
        return self.filter(account=account)

    def in_region(self, region_id: str) -> Self:
        """Rows of a region, or of all regions."""
        return self if region_id == ALL_REGIONS.id else self.filter(region_id=region_id)

    def matching(self, text: str) -> Self:
        """Rows whose ID or name contains the text."""
        return self.filter(models.Q(resource_id__contains=text) | models.Q(name__icontains=text))

    def tagged(self, key: str, value: str = "") -> Self:
        """Rows with a tag: with any value, or with this one."""
        conditions = {"tags__key": key} | ({"tags__value": value} if value else {})
        return self.filter(**conditions)


class Label(str):
    """The text of a resource in a choice. `name` is its name alone, or blank."""

    name = ""


class Judged(models.Model):
    """A row that can judge itself without queries: loaded foreign keys are not looked up again."""

    class Meta:
        abstract = True

    def clean_fields(self, exclude: Collection[str] | None = None) -> None:
        keys = (field for field in self._meta.concrete_fields if isinstance(field, models.ForeignKey))
        loaded = {key.name for key in keys if key.get_cached_value(self, default=None) is not None}
        super().clean_fields(exclude={*(exclude or ()), *loaded})


class Resource(Judged):
    """A resource of an account. `resource_id` is its public ID, in URLs and on the wire."""

    PREFIX: ClassVar[str]

    resource_id = models.CharField(_("ID"), max_length=32, unique=True, editable=False)
    account = models.ForeignKey("connections.Account", models.PROTECT, related_name="+", editable=False)
    created_at = models.DateTimeField(_("Created At"), default=clock.now, editable=False)
    revision = models.PositiveIntegerField(default=1, editable=False)

    objects = ResourceQuerySet.as_manager()

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return getattr(self, "name", "") or self.resource_id

    @property
    def facts(self) -> list[str]:
        """What tells resources of one name apart in a choice."""
        return [self.resource_id]

    @property
    def label(self) -> Label:
        """The resource in a choice: its name, or its ID if it has none, then its facts."""
        label = Label(" · ".join(dict.fromkeys([str(self), *self.facts])))
        label.name = getattr(self, "name", "")
        return label

    def give_ids(self) -> None:
        """Set the IDs of a new row that are not set yet."""
        if not self.resource_id:
            self.resource_id = ids.resource_id(self.PREFIX, getattr(self, "region_id", ""))

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self._state.adding:
            # The object may have been created in memory long before.
            self.created_at = clock.now()
        self.give_ids()
        super().save(*args, **kwargs)


def under_way(path: str = "") -> models.Q:
    """Match rows, reached by a path of relations, whose transition has not ended: `Transitional.under_way`."""
    return models.Q(**{f"{path}transition_ends__gt": clock.now(), f"{path}transition_ends__lte": clock.furthest_end()})


def over(path: str = "") -> models.Q:
    """Match rows whose transition has ended, or ends later than any can."""
    return models.Q(**{f"{path}transition_ends__lte": clock.now()}) | models.Q(
        **{f"{path}transition_ends__gt": clock.furthest_end()}
    )


class Transitional(models.Model):
    """A row with a transient state that ends by itself at a stored time.

    `transition` names the state it is in until `transition_ends`; afterwards the resource's own rest state holds.
    """

    transition = models.CharField(max_length=16, blank=True, editable=False)
    transition_ends = models.DateTimeField(null=True, editable=False)

    class Meta:
        abstract = True

    @property
    def under_way(self) -> str:
        """The transient state at this moment, or nothing."""
        ends = self.transition_ends
        if ends is None or not clock.now() < ends <= clock.furthest_end():
            return ""
        clock.seen(self)
        return self.transition

    def begin(self, transition: str, after: datetime | None = None) -> None:
        """Start a transition of the usual length, now or when another has ended. The caller saves."""
        self.transition, self.transition_ends = transition, clock.transition_ends(self, transition, after)
