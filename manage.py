#!/usr/bin/env python
"""Django's command line, for people who know it. `dev.py` does the set-up that this expects."""

import os
import sys

from vpnconsole import safety

if __name__ == "__main__":
    safety.keep_private()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "vpnconsole.settings")
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)
