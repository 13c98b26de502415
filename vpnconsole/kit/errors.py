"""Refusals of the kit: a status, a stable code, a sentence and what to do."""


class KitError(Exception):
    """A request that the kit refuses."""

    def __init__(self, status: int, code: str, message: str, hint: str = "", **more: object):
        self.status, self.code, self.message, self.hint, self.more = status, code, message, hint, more
        super().__init__(message)

    def body(self) -> dict[str, object]:
        return {"code": self.code, "message": self.message, "hint": self.hint, **self.more}


class WorldGone(KitError):
    """A world that does not exist, or not any more."""

    def __init__(self, world_id: str):
        super().__init__(
            410,
            "world_gone",
            f"There is no world {world_id!r}: it has expired or was deleted.",
            "Make another one with POST /_kit/v1/worlds.",
        )


class TwoWorlds(KitError):
    """A request that names two worlds."""

    def __init__(self, first: str, second: str):
        super().__init__(
            409,
            "two_worlds",
            f"The request names two worlds, {first!r} and {second!r}.",
            "Name one: by header, by cookie or by access key.",
            worlds=[first, second],
        )
