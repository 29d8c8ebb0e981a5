"""What is logged while something is done."""

import logging


class listening(logging.Handler):
    """Gathers what is logged, while in a `with` statement."""

    def __init__(self, told: list[str]) -> None:
        """Gather in `told`."""
        super().__init__(logging.WARNING)
        self._told = told

    def emit(self, record: logging.LogRecord) -> None:
        """Take a line."""
        self._told.append(record.getMessage())

    def __enter__(self) -> "listening":
        """Begin to listen."""
        logging.getLogger("quoth").addHandler(self)
        return self

    def __exit__(self, *error: object) -> None:
        """Listen no longer."""
        logging.getLogger("quoth").removeHandler(self)
