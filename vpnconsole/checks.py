"""The project's system checks."""

from pathlib import Path

from django.conf import settings
from django.core.checks import Warning, register
from django.db import connection

from vpnconsole import file_modes


@register
def files_of_others(app_configs, **more) -> list[Warning]:
    """Warn of files that other users of this machine can open. `serve` does not start with such files."""
    database = Path(connection.settings_dict["NAME"]) if connection.vendor == "sqlite" else None
    if not (paths := file_modes.exposed(settings.DATA_DIR, database)):
        return []
    return [
        Warning(
            f"Other users of this machine can read or change {', '.join(map(str, paths))}.",
            hint="Make the user who runs the console their owner, and take the rights from others: chmod go=.",
            id="vpnconsole.W001",
        )
    ]
