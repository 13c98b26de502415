"""How far a long import is, for the page that waits for it."""

from django.db import models

from connections import clock


class ImportProgress(models.Model):
    """How many resources of how many have been judged. Gone when the import ends; a killed server leaves it behind."""

    account = models.ForeignKey("connections.Account", models.CASCADE, related_name="+")
    # Of the form that was sent.
    token = models.CharField(max_length=36, editable=False)
    done = models.PositiveIntegerField()
    total = models.PositiveIntegerField()
    at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = (models.UniqueConstraint("account", "token", name="import_progress_once"),)

    def __str__(self) -> str:
        return f"{self.done} of {self.total}"
