#!/usr/bin/env python
"""Django's command line, for people who know it. `dev.py` makes the virtual environment that this expects."""

import sys

from vpnconsole.cli import manage

if __name__ == "__main__":
    manage(*sys.argv[1:])
