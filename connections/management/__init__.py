"""Commands for whoever runs the console. They speak English."""


def counted(number: int, noun: str) -> str:
    """A number with its noun: 1 connection, 2 connections."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


SHOWN = 10


def warnings(sentences: list[str]) -> str:
    """The first few sentences as warnings, one a line, and how many more `check_data` tells."""
    lines = [f"Warning: {sentence}" for sentence in sentences[:SHOWN]]
    if len(sentences) > SHOWN:
        lines.append(f"Warning: {len(sentences) - SHOWN} more, which check_data tells.")
    return "".join(f"{line}\n" for line in lines)
