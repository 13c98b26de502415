"""`python -m vpnconsole` is `vpn-console`."""

from vpnconsole.cli import main

if __name__ == "__main__":
    main()
