"""The server's log as JSON lines.

Questions and names of documents are logged only if the person who runs the server asks for it.
"""

import json
import logging
import sys
import time
from pathlib import Path


class JsonLines(logging.Formatter):
    """Formats a record as one line of JSON, with its extra fields."""

    def format(self, record: logging.LogRecord) -> str:
        """Return a record as a line of JSON."""
        line = {
            "at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(record.created)),
            "level": record.levelname.lower(),
            "event": record.getMessage(),
            **getattr(record, "fields", {}),
        }
        if record.exc_info:
            line["error"] = self.formatException(record.exc_info)
        return json.dumps(line)


def write_logs(target: str) -> None:
    """Write the log to a file, or to standard error for "-". Raises OSError."""
    handler: logging.Handler
    if target == "-":
        handler = logging.StreamHandler(sys.stderr)
    else:
        handler = logging.FileHandler(Path(target), encoding="utf-8", delay=False)
    handler.setFormatter(JsonLines())
    log = logging.getLogger("quoth")
    log.addHandler(handler)
    log.setLevel(logging.INFO)
    log.propagate = False
