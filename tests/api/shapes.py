"""Check whether a response has the shape that its operation declares."""


def misfits(value, shape, path="") -> list[str]:
    """Differences between a response and its declaration: undeclared names, and values of another type."""
    if isinstance(shape, dict):
        if not isinstance(value, dict):
            return [f"{path}: not an object"]
        return [
            problem
            for name, inner in value.items()
            for problem in (
                misfits(inner, shape[name], f"{path}.{name}") if name in shape else [f"{path}.{name}: not declared"]
            )
        ]
    if isinstance(shape, list):
        if not isinstance(value, list):
            return [f"{path}: not a list"]
        if not shape:
            return [] if not value else [f"{path}: not empty"]
        return [problem for inner in value for problem in misfits(inner, shape[0], f"{path}[]")]
    return [] if type(value) is shape else [f"{path}: {value!r} is not of type {shape.__name__}"]
