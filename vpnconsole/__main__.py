"""`python -m vpnconsole` is `vpn-console`."""

from vpnconsole.cli import main

main()
