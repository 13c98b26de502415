"""English for administrators: management commands and system checks are not translated."""


def counted(number: int, noun: str) -> str:
    """A number with its noun: 1 connection, 2 connections."""
    return f"{number} {noun}{'' if number == 1 else 's'}"
