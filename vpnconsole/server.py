"""What gunicorn says, in the console's own format."""

from gunicorn.glogging import Logger as GunicornLogger

from vpnconsole.logs import JsonFormatter


class Logger(GunicornLogger):
    """Start, stop and trouble of workers as JSON lines among the others."""

    def setup(self, cfg):
        super().setup(cfg)
        for handler in self.error_log.handlers:
            handler.setFormatter(JsonFormatter())
