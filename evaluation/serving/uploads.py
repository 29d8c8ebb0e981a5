"""Large files sent to the page while people ask.

    python -m evaluation.serving.uploads [--megabytes 200]

Starts `quoth chat` over a library with the seed documents, and lets people ask their questions;
meanwhile mixed files, most of whose bytes are pictures, as in people's own, are sent and read.
Told are how long that takes, whether a fact of each file is found afterwards, and the times of
answers before and meanwhile.
"""

import argparse
import asyncio
import base64
import io
import json
import re
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import httpx
import numpy as np

from evaluation.datasets.labels import seed_questions
from evaluation.serving.load import ResponseTimes, Until, crowd, memory_of
from evaluation.serving.server import serving
from rag import Library
from rag.default_library import seed_documents
from rag.text.html_escaping import Html

_PICTURE = 1_000
"""Pixels of a picture's side; as a PNG of noise it has some 3 MB."""
_BEFORE_SECONDS = 10


@dataclass(frozen=True, slots=True)
class Figures:
    """What was measured."""

    files: int
    megabytes: float
    sent_seconds: float
    read_seconds: float
    """From the first byte sent until the last file is read and embedded."""
    found: int
    """Files whose fact was the first passage of an answer afterwards."""
    people: int
    errors: int
    busy: int
    before_p95_ms: float
    questions_meanwhile: int
    meanwhile_p50_ms: float
    meanwhile_p95_ms: float
    most_memory_mb: float


def mixed_files(megabytes: float) -> Iterator[tuple[str, bytes, str]]:
    """Give files of five kinds until there are so many megabytes: name, bytes and a fact each."""
    made, number = 0, 0
    kinds: tuple[tuple[str, Callable[[str, bytes], bytes]], ...] = (
        ("docx", _docx),
        ("pdf", _pdf),
        ("html", _html),
        ("eml", _eml),
        ("zip", _zip),
    )
    chance = np.random.default_rng(0)
    while made < megabytes * 1e6:
        suffix, write = kinds[number % len(kinds)]
        fact = f"The lighthouse of island {number} is kept by warden Number{number}."
        data = write(fact, _picture(chance))
        yield f"island {number}.{suffix}", data, fact
        made, number = made + len(data), number + 1


def _picture(chance: np.random.Generator) -> bytes:
    import matplotlib.image

    out = io.BytesIO()
    matplotlib.image.imsave(out, chance.random((_PICTURE, _PICTURE, 3)), format="png")
    return out.getvalue()


def _docx(fact: str, picture: bytes) -> bytes:
    import docx

    document, out = docx.Document(), io.BytesIO()
    document.add_paragraph(fact)
    document.add_picture(io.BytesIO(picture))
    document.save(out)
    return out.getvalue()


def _pdf(fact: str, picture: bytes) -> bytes:
    import matplotlib.image
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(figsize=(8, 11))
    axes.imshow(matplotlib.image.imread(io.BytesIO(picture)))
    figure.text(0.1, 0.95, fact)
    out = io.BytesIO()
    with plt.rc_context({"pdf.fonttype": 42, "image.composite_image": False}):
        figure.savefig(out, format="pdf", dpi=300)
    plt.close(figure)
    return out.getvalue()


def _html(fact: str, picture: bytes) -> bytes:
    coded = base64.b64encode(picture).decode()
    page = Html('<h1>An island</h1><p>{}</p><img src="data:image/png;base64,{}">')
    return page.format(fact, coded).encode()


def _eml(fact: str, picture: bytes) -> bytes:
    from email.message import EmailMessage

    mail = EmailMessage()
    mail["Subject"] = "An island"
    mail.set_content(fact)
    mail.add_attachment(picture, maintype="image", subtype="png", filename="island.png")
    return bytes(mail)


def _zip(fact: str, picture: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("island.txt", fact)
        archive.writestr("island.docx", _docx(f"A picture. {fact}", picture))
    return out.getvalue()


def measure(megabytes: float, people: int) -> Figures:
    """Send files while people ask, and then ask for what they tell."""
    files = list(mixed_files(megabytes))
    with tempfile.TemporaryDirectory(prefix="quoth-uploading-") as made:
        folder = Path(made) / "library"
        with Library.open(folder) as library:
            library.add(seed_documents()[0].parent)
        with serving(folder) as (address, process):
            questions = seed_questions()
            before = asyncio.run(
                crowd(address, questions, people, Until(_BEFORE_SECONDS).is_reached)
            )
            sent = _Sending(address, files, process.pid)
            meanwhile = asyncio.run(sent.while_others_ask(people))
            found = sum(_finds(address, i, fact) for i, (_, _, fact) in enumerate(files))
    return Figures(
        len(files),
        sum(len(data) for _, data, _ in files) / 1e6,
        sent.sent_seconds,
        sent.read_seconds,
        found,
        people,
        before.errors + meanwhile.errors,
        before.busy + meanwhile.busy,
        float(np.percentile(before.took, 95)),
        len(meanwhile.took),
        float(np.percentile(meanwhile.took, 50)),
        float(np.percentile(meanwhile.took, 95)),
        sent.most_memory,
    )


class _Sending:
    """Sends files and waits until all are read."""

    def __init__(self, address: str, files: list[tuple[str, bytes, str]], process: int) -> None:
        self._address, self._files, self._process = address, files, process
        self._done = False
        self.sent_seconds = self.read_seconds = self.most_memory = 0.0

    async def while_others_ask(self, people: int) -> ResponseTimes:
        asking = crowd(self._address, seed_questions(), people, lambda _: self._done)
        asked, _ = await asyncio.gather(asking, self._send())
        return asked

    async def _send(self) -> None:
        began = time.perf_counter()
        try:
            async with httpx.AsyncClient(base_url=self._address, timeout=120) as client:
                for name, data, _ in self._files:
                    answer = await client.put("/page/files", params={"name": name}, content=data)
                    answer.raise_for_status()
                self.sent_seconds = time.perf_counter() - began
                while await self._waiting(client):
                    await asyncio.sleep(0.5)
            self.read_seconds = time.perf_counter() - began
        finally:
            self._done = True

    async def _waiting(self, client: httpx.AsyncClient) -> float:
        self.most_memory = max(self.most_memory, memory_of(self._process))
        figures = (await client.get("/metrics")).text
        return float(re.findall(r"^quoth_files_waiting (\S+)", figures, re.MULTILINE)[0])


def _finds(address: str, number: int, fact: str) -> bool:
    question = f"Who keeps the lighthouse of island {number}?"
    answer = httpx.post(f"{address}/page/ask", json={"question": question}, timeout=60)
    told = re.sub(r"<[^>]+>", "", answer.json()["html"])
    return fact in told


def main() -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    options.add_argument("--megabytes", type=float, default=200)
    options.add_argument("--people", type=int, default=8, help="who ask meanwhile")
    options.add_argument("--json", type=Path, metavar="FILE")
    chosen = options.parse_args()
    figures = asdict(measure(chosen.megabytes, chosen.people))
    for name, figure in figures.items():
        print(f"{name:24} {figure:,.1f}")
    if chosen.json:
        chosen.json.write_text(json.dumps(figures, indent=2))


if __name__ == "__main__":
    main()
