"""Run functions at the same time, in threads."""

import threading
from collections.abc import Callable

from django.db import connection as database

from vpnconsole.testing.waiting import PATIENCE


def at_once(*actions: Callable) -> list:
    """Start all functions together; return what each returns or raises."""
    ends: list = [None] * len(actions)
    gate = threading.Barrier(len(actions))

    def run(number: int, action: Callable) -> None:
        try:
            gate.wait(PATIENCE)
            ends[number] = action()
        except Exception as error:
            ends[number] = error
        finally:
            database.close()

    threads = [threading.Thread(target=run, args=pair, daemon=True) for pair in enumerate(actions)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(2 * PATIENCE)
    assert not [number for number, thread in enumerate(threads) if thread.is_alive()], "some threads have not ended"
    return ends
