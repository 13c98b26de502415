"""Progress of long imports."""

from django.db import models

from connections import clock


class ImportProgress(models.Model):
    """How many resources have been judged. Deleted when the import ends; a killed server leaves it behind."""

    account = models.ForeignKey("connections.Account", models.CASCADE, related_name="+")
    # The token of the form.
    token = models.CharField(max_length=36, editable=False)
    done = models.PositiveIntegerField()
    total = models.PositiveIntegerField()
    at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = (models.UniqueConstraint("account", "token", name="import_progress_once"),)

    def __str__(self) -> str:
        return f"{self.done} of {self.total}"
