"""What gunicorn says, in the console's own format, and how its workers stop."""

from gunicorn.glogging import Logger as GunicornLogger
from gunicorn.workers.gthread import ThreadWorker

from vpnconsole.logs import JsonFormatter


class Logger(GunicornLogger):
    """Start, stop and trouble of workers as JSON lines among the others."""

    def setup(self, cfg):
        super().setup(cfg)
        for handler in self.error_log.handlers:
            handler.setFormatter(JsonFormatter())


class Worker(ThreadWorker):
    """Gunicorn's worker with threads; once told to stop it is no longer there for whoever comes.

    Gunicorn's own keeps its door open while it finishes what it has begun, and answers nobody who comes in.
    """

    def set_accept_enabled(self, enabled):
        super().set_accept_enabled(enabled)
        if not self.alive:
            for listener in self.sockets:
                listener.close()
