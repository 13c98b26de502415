"""Commands for whoever runs the console. They speak English."""

SHOWN = 10


def warnings(sentences: list[str]) -> str:
    """The first few sentences as warnings, one a line, and how many more `check_data` tells."""
    lines = [f"Warning: {sentence}" for sentence in sentences[:SHOWN]]
    if len(sentences) > SHOWN:
        lines.append(f"Warning: {len(sentences) - SHOWN} more, which check_data tells.")
    return "".join(f"{line}\n" for line in lines)
