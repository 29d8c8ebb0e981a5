"""What the server notes, one JSON object a line, for programs to read.

No question and no name of a document is noted, unless the person who runs it asks for that.
"""

import json
import logging
import sys
import time
from pathlib import Path


class JsonLines(logging.Formatter):
    """Writes a record as one line of JSON, with the fields it carries."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
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
    """Write what is noted to a file, or to standard error for "-". Raises OSError."""
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
