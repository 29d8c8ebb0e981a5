"""A process that converts a model and ends, so that torch's memory is returned to the system.

Its standard output ends with a line of JSON: nothing, or an error's class and message.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rag.errors import ModelError, NotCompiledError, UncompilableError
from rag.models.compiled.fidelity import CheckOutputs, check_documents
from rag.models.compiled.runtimes import Compiler, OnnxCompiler, OpenVinoCompiler
from rag.models.sentence_transformers import SentenceTransformerEmbedder
from rag.models.similarity_scale import SCALE_TEXTS

_ROOT = Path(__file__).resolve().parents[3]
_PROGRAM = (
    "import sys; sys.path.insert(0, sys.argv[1]); "
    "from rag.models.compiled.conversion_process import main; main()"
)
_ALLOCATOR = {"MALLOC_ARENA_MAX": "1", "MALLOC_MMAP_THRESHOLD_": str(1 << 18)}
"""Settings of glibc, so that freed memory is returned to the system and shared by threads."""
_OUTPUTS = "outputs.npz"
_COMPILERS = {kind.__name__: kind for kind in (OpenVinoCompiler, OnnxCompiler)}
_ERRORS = {kind.__name__: kind for kind in (ModelError, NotCompiledError, UncompilableError)}


def convert_in_process(folder: Path, model: str, kind: Compiler) -> CheckOutputs:
    """Convert a model for a runtime, as `convert` does, in a new process.

    Raises UncompilableError, NotCompiledError, or ModelError.
    """
    arguments = [sys.executable, "-P", "-c", _PROGRAM, str(_ROOT)]
    arguments += [str(folder), model, type(kind).__name__]
    # Its standard error has progress bars of libraries; errors come on standard output.
    done = subprocess.run(
        arguments,
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        check=False,
        env={**os.environ, **_ALLOCATOR},
    )
    try:
        error = json.loads(done.stdout.splitlines()[-1])
    except (IndexError, ValueError):
        last = done.stderr.strip().splitlines()[-1:]
        reason = f"exit status {done.returncode}" + "".join(f", {line}" for line in last)
        raise NotCompiledError(f"the process that converts it ended early ({reason})") from None
    if error:
        raise _ERRORS[error["kind"]](error["message"])
    outputs = CheckOutputs.load(folder / _OUTPUTS)
    (folder / _OUTPUTS).unlink()
    return outputs


def main() -> None:
    """Convert a model; the arguments are a folder, the model's name, and the compiler's."""
    folder, model = Path(sys.argv[2]), sys.argv[3]
    kind: Compiler = _COMPILERS[sys.argv[4]]()
    error = None
    try:
        with translated_errors(folder):
            import torch

            from rag.models.compiled.conversion import convert

            # On a busy machine several threads wait for each other longer than they work.
            torch.set_num_threads(1)
            texts = [*check_documents(), *SCALE_TEXTS]
            reference = SentenceTransformerEmbedder(model, only=texts)
            convert(folder, reference, kind).save(folder / _OUTPUTS)
    except ModelError as raised:
        error = {"kind": type(raised).__name__, "message": str(raised)}
    sys.stdout.write(f"\n{json.dumps(error)}\n")


@contextmanager
def translated_errors(folder: Path) -> Iterator[None]:
    """Raise NotCompiledError for a disk that refuses, UncompilableError for anything unknown."""
    try:
        yield
    except ModelError:
        raise
    except OSError as error:
        reason = error.strerror or str(error)
        raise NotCompiledError(f"it cannot be written to {folder.parent}: {reason}") from error
    except Exception as error:  # exporters and runtimes raise anything for an unknown model
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        raise UncompilableError(f"it cannot be converted ({reason})") from error
