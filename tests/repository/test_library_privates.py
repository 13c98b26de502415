"""No class overrides a private method of a library, which any release may change. Ruff (SLF001) finds calls."""

import enum
import importlib
import inspect
import pkgutil

import connections
import vpnconsole

OURS = {"connections", "tests", "tools", "vpnconsole"}


def is_ours(cls: type) -> bool:
    return cls.__module__.partition(".")[0] in OURS


def overridden(cls: type):
    """Private methods that a library's class defines and a class of ours overrides. Mixins of ours count as well."""
    for name in {name for base in cls.__mro__ if is_ours(base) for name in vars(base)}:
        if not name.startswith("_") or name.startswith("__"):
            continue
        definitions = [vars(base)[name] for base in cls.__mro__ if not is_ours(base) and name in vars(base)]
        if any(inspect.isroutine(one) or isinstance(one, property) for one in definitions):
            yield f"{cls.__module__}.{cls.__qualname__}.{name}"


def classes():
    for package in (connections, vpnconsole):
        for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if ".migrations" not in found.name and not found.name.endswith(".wsgi"):
                module = importlib.import_module(found.name)
                for _name, cls in inspect.getmembers(module, inspect.isclass):
                    # Enum adds its private methods to every subclass.
                    if cls.__module__ == module.__name__ and not issubclass(cls, enum.Enum):
                        yield cls


def test_no_class_overrides_a_private_method_of_a_library():
    assert [found for cls in classes() for found in overridden(cls)] == []


def test_what_a_mixin_overrides_would_be_found():
    class Mixin:
        def _fetch(self):
            return "ours"

    Library = type("Library", (), {"__module__": "somewhere", "_fetch": lambda self: "theirs"})
    Both = type("Both", (Mixin, Library), {"__module__": __name__})
    assert list(overridden(Both)) == [f"{__name__}.Both._fetch"]
