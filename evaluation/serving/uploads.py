"""Measure the page while it takes in large files and people ask.

    python -m evaluation.serving.uploads [--megabytes 200]

Starts `quoth chat` over a library with the seed documents and lets people ask the seed questions;
meanwhile it uploads files of several kinds, mostly pictures by size, as people's own files are.
Prints how long the upload and the indexing take, for how many files a question about a fact in
them is answered afterwards, and the times of answers before and during the upload.
"""

import asyncio
import base64
import io
import re
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import click
import httpx
import numpy as np

from evaluation.cli import JSON_OPTION, run, write_json
from evaluation.serving.load import Responses, Stop, crowd, resident_megabytes
from evaluation.serving.server import serving
from rag import Library
from rag.default_library import seed_documents, seed_questions
from rag.text.html_escaping import Html

_PICTURE = 1_000
"""Side of a picture in pixels; as a PNG of noise it has about 3 MB."""
_BEFORE_SECONDS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """The results of one run."""

    files: int
    megabytes: float
    sent_seconds: float
    read_seconds: float
    """From the first byte sent until the last file is read and embedded."""
    found: int
    """Files whose fact was in the answer to a question about it afterwards."""
    people: int
    errors: int
    busy: int
    before_p95_ms: float
    questions_meanwhile: int
    meanwhile_p50_ms: float
    meanwhile_p95_ms: float
    most_memory_mb: float


def mixed_files(megabytes: float) -> Iterator[tuple[str, bytes, str]]:
    """Yield files of five kinds up to a total size: the name, the bytes and a fact of each."""
    size, number = 0, 0
    kinds: tuple[tuple[str, Callable[[str, bytes], bytes]], ...] = (
        ("docx", _docx),
        ("pdf", _pdf),
        ("html", _html),
        ("eml", _eml),
        ("zip", _zip),
    )
    rng = np.random.default_rng(0)
    while size < megabytes * 1e6:
        suffix, write = kinds[number % len(kinds)]
        fact = f"The lighthouse of island {number} is kept by warden Number{number}."
        data = write(fact, _picture(rng))
        yield f"island {number}.{suffix}", data, fact
        size, number = size + len(data), number + 1


def _picture(rng: np.random.Generator) -> bytes:
    import matplotlib.image

    output = io.BytesIO()
    matplotlib.image.imsave(output, rng.random((_PICTURE, _PICTURE, 3)), format="png")
    return output.getvalue()


def _docx(fact: str, picture: bytes) -> bytes:
    import docx

    document, output = docx.Document(), io.BytesIO()
    document.add_paragraph(fact)
    document.add_picture(io.BytesIO(picture))
    document.save(output)
    return output.getvalue()


def _pdf(fact: str, picture: bytes) -> bytes:
    import matplotlib.image
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(figsize=(8, 11))
    axes.imshow(matplotlib.image.imread(io.BytesIO(picture)))
    figure.text(0.1, 0.95, fact)
    output = io.BytesIO()
    with plt.rc_context({"pdf.fonttype": 42, "image.composite_image": False}):
        figure.savefig(output, format="pdf", dpi=300)
    plt.close(figure)
    return output.getvalue()


def _html(fact: str, picture: bytes) -> bytes:
    encoded = base64.b64encode(picture).decode()
    page = Html('<h1>An island</h1><p>{}</p><img src="data:image/png;base64,{}">')
    return page.format(fact, encoded).encode()


def _eml(fact: str, picture: bytes) -> bytes:
    from email.message import EmailMessage

    mail = EmailMessage()
    mail["Subject"] = "An island"
    mail.set_content(fact)
    mail.add_attachment(picture, maintype="image", subtype="png", filename="island.png")
    return bytes(mail)


def _zip(fact: str, picture: bytes) -> bytes:
    output = io.BytesIO()
    with zipfile.ZipFile(output, "w") as archive:
        archive.writestr("island.txt", fact)
        archive.writestr("island.docx", _docx(f"A picture. {fact}", picture))
    return output.getvalue()


def measure(megabytes: float, people: int) -> Figures:
    """Upload files while people ask, and then ask for the facts in them."""
    files = list(mixed_files(megabytes))
    with tempfile.TemporaryDirectory(prefix="quoth-uploading-") as scratch:
        folder = Path(scratch) / "library"
        with Library.open(folder) as library:
            library.add(seed_documents()[0].parent)
        with serving(folder) as (address, process):
            questions = seed_questions()
            stop = Stop(_BEFORE_SECONDS)
            before = asyncio.run(crowd(address, questions, people, stop.is_reached))
            upload = _Upload(address, files, process.pid)
            during = asyncio.run(upload.run_while_others_ask(people))
            answered = sum(_is_found(address, i, fact) for i, (_, _, fact) in enumerate(files))
    return Figures(
        files=len(files),
        megabytes=sum(len(data) for _, data, _ in files) / 1e6,
        sent_seconds=upload.sent_seconds,
        read_seconds=upload.read_seconds,
        found=answered,
        people=people,
        errors=before.errors + during.errors,
        busy=before.busy + during.busy,
        before_p95_ms=float(np.percentile(before.milliseconds, 95)),
        questions_meanwhile=len(during.milliseconds),
        meanwhile_p50_ms=float(np.percentile(during.milliseconds, 50)),
        meanwhile_p95_ms=float(np.percentile(during.milliseconds, 95)),
        most_memory_mb=upload.peak_megabytes,
    )


class _Upload:
    """Uploads files and waits until all are indexed."""

    def __init__(self, address: str, files: list[tuple[str, bytes, str]], process: int) -> None:
        self._address, self._files, self._process = address, files, process
        self._is_done = False
        self.sent_seconds = self.read_seconds = self.peak_megabytes = 0.0

    async def run_while_others_ask(self, people: int) -> Responses:
        asking = crowd(self._address, seed_questions(), people, lambda _: self._is_done)
        responses, _ = await asyncio.gather(asking, self._send())
        return responses

    async def _send(self) -> None:
        start = time.perf_counter()
        try:
            async with httpx.AsyncClient(base_url=self._address, timeout=120) as client:
                for name, data, _ in self._files:
                    response = await client.put("/page/files", params={"name": name}, content=data)
                    response.raise_for_status()
                self.sent_seconds = time.perf_counter() - start
                while await self._count_waiting(client):
                    await asyncio.sleep(0.5)
            self.read_seconds = time.perf_counter() - start
        finally:
            self._is_done = True

    async def _count_waiting(self, client: httpx.AsyncClient) -> float:
        self.peak_megabytes = max(self.peak_megabytes, resident_megabytes(self._process))
        metrics = (await client.get("/metrics")).text
        return float(re.findall(r"^quoth_files_waiting (\S+)", metrics, re.MULTILINE)[0])


def _is_found(address: str, number: int, fact: str) -> bool:
    question = f"Who keeps the lighthouse of island {number}?"
    response = httpx.post(f"{address}/page/ask", json={"question": question}, timeout=60)
    text = re.sub(r"<[^>]+>", "", response.json()["html"])
    return fact in text


@click.command()
@click.option("--megabytes", default=200.0, show_default=True, help="Total size of the files.")
@click.option("--people", default=8, show_default=True, help="How many ask meanwhile.")
@JSON_OPTION
def main(megabytes: float, people: int, json_file: Path | None) -> None:
    """Upload large files while people ask and print the figures."""
    figures = measure(megabytes, people)
    for name, figure in asdict(figures).items():
        print(f"{name:24} {figure:,.1f}")
    write_json(json_file, figures)


if __name__ == "__main__":
    run(main)
