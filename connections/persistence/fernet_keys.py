"""Recognize a Fernet key. Standard library only: the command line needs it before Django."""

import base64
import re


def is_key(text: str) -> bool:
    """Whether a text is a Fernet key, 32 bytes in URL-safe base64, that looks random."""
    return bool(re.fullmatch(r"[\w-]{43}=", text, re.ASCII)) and len(set(base64.urlsafe_b64decode(text))) >= 10
