"""What runs a compiled model: OpenVINO on x86, ONNX Runtime elsewhere.

A runtime gives the vectors of texts' tokens and nothing more. Which one it is, and how exactly it
computes, is part of its name: vectors that two of them make are never mixed.
"""

import platform
import sys
import threading
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from queue import SimpleQueue
from types import ModuleType
from typing import TYPE_CHECKING, Any, Protocol, cast

import numpy as np
from numpy.typing import NDArray

from rag.errors import ModelError, NotCompiledError
from rag.models.word_vectors import EmbeddingTable
from vector_store.indexes.threads import cores

if TYPE_CHECKING:
    import torch

Batch = tuple[NDArray[np.float32], NDArray[np.int64]]
"""Tokens' input embeddings, shape (texts, tokens, dimensions), and mask, shape (texts, tokens)."""
States = NDArray[np.float32]
"""The tokens' vectors, shape (texts, tokens, dimensions)."""
_LENGTHS_APART = 16
"""Texts are padded to a multiple of this, for a runtime prepares itself for every new shape."""


def batch_of(table: EmbeddingTable, rows: Sequence[Sequence[int]], longest: int | None) -> Batch:
    """Return the input embeddings of texts' tokens, padded alike, and their mask.

    `table` has a row a token; `longest` is the most tokens that the model takes, if it has a limit.
    """
    length = -(-max(1, *map(len, rows)) // _LENGTHS_APART) * _LENGTHS_APART
    length = min(length, longest or length)
    embeddings = np.zeros((len(rows), length, table.shape[1]), np.float32)
    mask = np.zeros((len(rows), length), np.int64)
    for i, row in enumerate(rows):
        embeddings[i, : len(row)] = table[row]
        mask[i, : len(row)] = 1
    return embeddings, mask


@dataclass(frozen=True, slots=True)
class Example:
    """What a model is converted for."""

    dimensions: int
    """Of a token's input embedding."""
    longest: int
    """The most tokens of a text."""


class Runtime(Protocol):
    """A loaded model; safe to use from several threads."""

    def states_of(self, batch: Batch) -> States:
        """Return the tokens' vectors of one batch, soon."""

    def states(self, batches: Iterable[Batch]) -> Iterator[tuple[int, States]]:
        """Yield each batch's number, from 0, with its tokens' vectors, in any order.

        A batch is taken from `batches` when it is its turn, so that few are in memory.
        """


class Compiler(Protocol):
    """A kind of runtime: what it is called here, and how a model is made ready for it."""

    def name(self) -> str:
        """Return its name with its precision: vectors of another name are not mixed with its."""

    def version(self) -> str:
        """Return its name with its version: what another wrote is not loaded.

        Raises NotCompiledError when it is not installed.
        """

    def convert(self, model: "torch.nn.Module", example: "Example", folder: Path) -> None:
        """Write a model that takes a `Batch` into a folder."""

    def load(self, folder: Path) -> Runtime:
        """Load what `convert` wrote. Raises ModelError when it cannot be loaded."""


def compiler() -> Compiler:
    """Return the kind of runtime for this machine's processor."""
    x86 = platform.machine().lower() in ("x86_64", "amd64")
    return OpenVinoCompiler() if x86 else OnnxCompiler()


class OpenVinoCompiler:
    """OpenVINO on the CPU, in bf16 where the processor computes in it."""

    _GRAPH = "graph.xml"

    def name(self) -> str:
        """Return its name with its precision."""
        return f"openvino-{_precision(_openvino())}"

    def version(self) -> str:
        """Return its name with its version."""
        return f"{self.name()}-{_openvino().__version__.split('-')[0]}"

    def convert(self, model: "torch.nn.Module", example: "Example", folder: Path) -> None:
        """Write `graph.xml` and `graph.bin`, its weights in 16 bits."""
        openvino = _openvino()
        openvino.save_model(openvino.convert_model(_exported(model, example)), folder / self._GRAPH)

    def load(self, folder: Path) -> "OpenVino":
        """Load what `convert` wrote."""
        openvino = _openvino()
        try:
            return OpenVino(openvino, openvino.Core().read_model(folder / self._GRAPH))
        except RuntimeError as error:
            raise ModelError(f"OpenVINO cannot load the compiled model in {folder}.") from error


def _openvino() -> Any:
    # Merely imported, OpenVINO tells its makers over the network, unless that part is missing.
    sys.modules.setdefault("openvino_telemetry", _MISSING)
    try:
        import openvino
    except ImportError as error:
        raise NotCompiledError("OpenVINO is not installed") from error
    return openvino


_MISSING: ModuleType = None  # type: ignore[assignment]  # what makes an import fail


def _precision(openvino: Any) -> str:
    able = openvino.Core().get_property("CPU", "OPTIMIZATION_CAPABILITIES")
    return "bf16" if "BF16" in able else "f32"


class OpenVino:
    """A model loaded by OpenVINO, for one text on all cores, or for a batch on each."""

    def __init__(self, openvino: Any, model: Any) -> None:
        """Run a model that was read; for what it is needed is made ready at the first call."""
        self._openvino = openvino
        self._model = model
        self._ready: SimpleQueue[tuple[int, States]] = SimpleQueue()
        self._busy = threading.Lock()
        self._loading = threading.Lock()
        self._local = threading.local()

    def _load(self, streams: int) -> Any:
        options = {
            "INFERENCE_NUM_THREADS": cores(),
            "NUM_STREAMS": streams,
            "INFERENCE_PRECISION_HINT": _precision(self._openvino),
        }
        return self._openvino.Core().compile_model(self._model, "CPU", options)

    @cached_property
    def _one(self) -> Any:
        return self._load(streams=1)

    @cached_property
    def _many(self) -> Any:
        # Batches side by side waste less than one that cores share; and twice as many requests as
        # cores, so that none waits for Python.
        queue = self._openvino.AsyncInferQueue(self._load(streams=cores()), 2 * cores())
        ready = self._ready  # a callback that held `self` would keep the model in memory for ever
        queue.set_callback(
            lambda request, number: ready.put((number, request.get_output_tensor(0).data.copy()))
        )
        return queue

    def states_of(self, batch: Batch) -> States:
        """Return the tokens' vectors of one batch, computed on all cores."""
        states: States = self._request().infer(batch)[0].copy()
        return states

    def states(self, batches: Iterable[Batch]) -> Iterator[tuple[int, States]]:
        """Yield each batch's number with its tokens' vectors, several computed at once."""
        with self._busy:
            try:
                for number, batch in enumerate(batches):
                    self._many.start_async(batch, number)
                    yield from self._taken()
            finally:  # also when the caller stops half-way: what is left is not the next one's
                self._many.wait_all()
                left = list(self._taken())
            yield from left

    def _taken(self) -> Iterator[tuple[int, States]]:
        while not self._ready.empty():
            yield self._ready.get()

    def _request(self) -> Any:
        if not hasattr(self._local, "request"):
            with self._loading:
                one = self._one
            self._local.request = one.create_infer_request()
        return self._local.request


class OnnxCompiler:
    """ONNX Runtime on the CPU, in 32-bit floats."""

    _GRAPH = "graph.onnx"

    def name(self) -> str:
        """Return its name with its precision."""
        return "onnxruntime-f32"

    def version(self) -> str:
        """Return its name with its version."""
        return f"{self.name()}-{_onnxruntime().__version__}"

    def convert(self, model: "torch.nn.Module", example: "Example", folder: Path) -> None:
        """Write `graph.onnx`, and its weights beside it."""
        import torch

        # The older exporter, dynamo=False, silently writes a model that computes something else.
        program = torch.onnx.export(
            _exported(model, example), dynamo=True, verbose=False, external_data=True
        )
        if program is None:
            raise NotCompiledError("torch.onnx gave no program")
        program.save(folder / self._GRAPH, external_data=True)

    def load(self, folder: Path) -> "Onnx":
        """Load what `convert` wrote."""
        onnxruntime = _onnxruntime()
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = cores()
        options.inter_op_num_threads = 1
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        try:
            session = onnxruntime.InferenceSession(
                folder / self._GRAPH, options, providers=["CPUExecutionProvider"]
            )
        except Exception as error:  # its own classes have nothing else in common
            raise ModelError(f"ONNX Runtime cannot load the compiled model in {folder}.") from error
        return Onnx(session)


def _onnxruntime() -> Any:
    try:
        import onnxruntime
    except ImportError as error:
        raise NotCompiledError("ONNX Runtime is not installed") from error
    onnxruntime.disable_telemetry_events()
    return onnxruntime


class Onnx:
    """A model loaded by ONNX Runtime."""

    def __init__(self, session: Any) -> None:
        """Run a session."""
        self._session = session
        self._inputs = [one.name for one in session.get_inputs()]

    def states_of(self, batch: Batch) -> States:
        """Return the tokens' vectors of one batch."""
        [states] = self._session.run(None, dict(zip(self._inputs, batch, strict=True)))
        return cast(States, states)

    def states(self, batches: Iterable[Batch]) -> Iterator[tuple[int, States]]:
        """Yield each batch's number with its tokens' vectors, in order."""
        yield from enumerate(map(self.states_of, batches))


def _exported(model: "torch.nn.Module", example: Example) -> Any:
    import torch

    shape = {
        0: torch.export.Dim("texts", min=1, max=4_096),
        1: torch.export.Dim("tokens", min=2, max=example.longest),
    }
    size = (2, min(16, example.longest))
    given = torch.ones((*size, example.dimensions)), torch.ones(size, dtype=torch.long)
    with torch.no_grad():
        return torch.export.export(model, given, dynamic_shapes=(shape, shape), strict=False)
