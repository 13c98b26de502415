"""Writes the page objects of the kit's clients, and docs/testids.md: `python -m tools.kit`."""

import os

import django


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "vpnconsole.settings")
    django.setup()
    from tools.kit.files import files

    for path, text in files().items():
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
