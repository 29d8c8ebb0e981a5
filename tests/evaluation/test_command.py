"""quoth evaluate: its figures in the terminal, as JSON, Markdown, HTML and TREC run."""

import json
import re
import shutil
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import pytest
from tests_support import write_files

from rag import Library
from rag.cli.main import run

OURS = ["--model", "hashing", "--system", "quoth", "--system", "bm25"]


def test_every_form_of_the_report_has_the_same_figures(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    names = ("json", "markdown", "html")
    files = [part for name in names for part in (f"--{name}", str(folder / f"out.{name}"))]
    assert run(["evaluate", str(folder), *OURS, *files]) == 0
    printed = capsys.readouterr().out
    markdown = (folder / "out.markdown").read_text()
    assert printed == markdown + "\n"
    written = json.loads((folder / "out.json").read_text())
    figures = written["sets"]["set"]
    assert (figures["passages"], figures["questions"], figures["fitted"]) == (3, 3, False)
    assert figures["systems"]["quoth"]["R@1"]["mean"] == pytest.approx(2 / 3)
    declined = figures["answers"]["declined"]
    assert (declined["answerable"], declined["written near miss"]) == ([0, 3], [1, 1])
    below = figures["answers"]["declined_below"]["0.1"]
    assert (below["answerable"], below["written near miss"]) == (0, 1)
    assert "| set | written near miss | 100.0% |" in markdown
    assert figures["answers"]["verbatim"] == 1.0
    ndcg = figures["systems"]["quoth"]["nDCG@10"]["mean"]
    assert f"| set | 3 | 3 | {ndcg:.3f} |" in markdown
    assert "| set | 2 of 3 | " in markdown
    assert "| set | answerable | 3 | 0.0% | " in markdown
    assert "| set | written near miss | 1 | 100.0% | 0.0% | 1.000 |" in markdown
    assert "Which rivers meet near Basra, in short? | right passage shown as number" in markdown
    html = (folder / "out.html").read_text()
    assert f"<td>{ndcg:.3f}</td>" in html
    svgs = ["<svg" + part.split("</svg>")[0] + "</svg>" for part in html.split("<svg")[1:]]
    assert len([ElementTree.fromstring(svg) for svg in svgs]) == 4
    captions = ("Quality by set", "Risk and coverage", "Calibration", "Time from question")
    assert all(caption in html for caption in captions)
    ids = re.findall(r'\bid="([^"]+)"', html)
    assert len(ids) == len(set(ids))
    assert len(re.findall(r'<svg role="img" aria-label="', html)) == 4


def test_a_run_that_is_written_is_measured_the_same(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = str(folder / "out.run")
    assert run(["evaluate", str(folder), *OURS[:2], "--system", "quoth", "--run", out]) == 0
    ours = capsys.readouterr().out.split("## Differences")[0].splitlines()[6]
    assert run(["evaluate", str(folder), *OURS[:2], "--trec", out]) == 0
    assert capsys.readouterr().out.splitlines()[6] == ours
    assert run(["evaluate", str(folder), *OURS, "--trec", out]) == 0
    assert "| quoth | bm25 | quoth (out.run) |" in capsys.readouterr().out


def test_text_of_documents_is_never_markup(folder: Path) -> None:
    hostile = "a <script>alert(1)</script> | [link](x) `code` *b* _i_ router"
    write_files(folder, {"corpus.jsonl": json.dumps({"_id": "food", "text": hostile})})
    write_files(folder, {"qrels/test.tsv": "h\nq1\tfood\t1\n"})
    out = folder / "out.html"
    assert run(["evaluate", str(folder), *OURS, "--html", str(out)]) == 0
    html = out.read_text()
    assert "<script" not in html
    assert "<a " not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt; | [link](x) `code` *b* _i_ router" in html


def test_several_sets_make_one_table_with_their_mean(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "again").symlink_to(folder)
    write_files(tmp_path / "other", {p.name: p.read_bytes() for p in folder.glob("*.jsonl")})
    write_files(tmp_path / "other", {"qrels/x.tsv": "h\nq1\trivers\t1\n"})
    assert run(["evaluate", str(folder), str(tmp_path / "other"), *OURS]) == 0
    table = capsys.readouterr().out.split("## Differences")[0]
    rows = [line.split(" | ") for line in table.splitlines() if line.startswith("| ")]
    by_name = {row[0].strip("| "): row[3:] for row in rows}
    assert by_name["other"][0] == "1.000"
    mean = (float(by_name["set"][0]) + 1) / 2
    assert float(by_name["mean"][0]) == pytest.approx(mean, abs=0.001)


def test_a_run_from_another_program_is_measured_alone(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_files(folder, {"x.run": "q1 Q0 rivers 1 2.0 theirs\n"})
    arguments = ["evaluate", str(folder), "--model", "hashing", "--trec", str(folder / "x.run")]
    assert run(arguments) == 0
    printed = capsys.readouterr().out
    assert "| set | questions | passages" not in printed
    assert "| set | 3 | 3 | 0.333 |" in printed
    assert "Abstention" not in printed


def test_questions_about_ones_own_library_are_asked_of_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_files(tmp_path / "docs", {"a.txt": "Rain fell.\n\nThe king slept until noon."})
    with Library.open(tmp_path / "library", model="hashing") as library:
        library.add(tmp_path / "docs")
    answer = {"document": "a.txt", "start": 12, "end": 20, "text": "The king"}
    rows = [{"id": "a", "question": "Who slept until noon?", "answers": [answer]}]
    write_files(tmp_path, {"mine.jsonl": "".join(json.dumps(row) for row in rows)})
    options = ["--library", str(tmp_path / "library"), "--system", "quoth"]
    assert run(["evaluate", str(tmp_path / "mine.jsonl"), *options]) == 0
    printed = capsys.readouterr().out
    assert "| mine | 2 | 1 | 1.000 |" in printed
    assert "| mine | 1 of 1 | " in printed
    assert "| mine | answerable | 1 | 0.0% | " in printed


def test_a_run_of_a_set_without_judged_questions_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = {
        "corpus.jsonl": '{"_id": "d1", "text": "The harbour is deep."}\n',
        "queries.jsonl": "",
        "unanswerable.jsonl": '{"_id": "u1", "text": "Who won?"}\n',
        "qrels/test.tsv": "query-id\tcorpus-id\tscore\n",
    }
    write_files(tmp_path, files)
    out = tmp_path / "out.run"
    arguments = ["evaluate", str(tmp_path), "--model", "hashing", "--system", "quoth"]
    assert run([*arguments, "--run", str(out)]) == 2
    assert "no question is judged" in capsys.readouterr().err
    assert not out.exists()


def test_bad_input_is_refused_before_anything_is_indexed(
    folder: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    refused = {
        "There is no folder": ["evaluate", str(folder), str(tmp_path / "none")],
        "there is no folder": ["evaluate", str(folder), "--json", str(tmp_path / "no" / "x")],
        "name only one": ["evaluate", str(folder), str(tmp_path), "--run", str(tmp_path / "x")],
        "name one --system": ["evaluate", str(folder), *OURS, "--run", str(tmp_path / "x")],
        "two sets are called set": ["evaluate", str(folder), str(tmp_path / "b" / "set")],
        "cannot run the model 'hashing'": [
            *("evaluate", str(folder), "--model", "hashing", "--system", "txtai")
        ],
        "other.run, line 1: no corpus entry has the id strange": [
            *("evaluate", str(folder), "--trec", str(tmp_path / "other.run"), *OURS)
        ],
    }
    write_files(tmp_path, {"other.run": "q1 Q0 strange 1 0.5 other"})
    monkeypatch.setattr("evaluation.quality.peers.find_spec", lambda package: True)
    for message, arguments in refused.items():
        assert run(arguments) == 2
        captured = capsys.readouterr()
        assert message in captured.err
        assert captured.out == ""
        assert "set: quoth" not in captured.err


def test_folders_that_differ_after_a_dot_are_two_sets(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("set.v1", "set.v2"):
        shutil.copytree(folder, folder.parent / name)
    sets = [str(folder.parent / name) for name in ("set.v1", "set.v2")]
    assert run(["evaluate", *sets, *OURS]) == 0
    printed = capsys.readouterr().out
    assert "| set.v1 | 3 | 3 |" in printed
    assert "| set.v2 | 3 | 3 |" in printed


def test_a_set_of_unanswerable_questions_measures_abstention_alone(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_files(folder, {"queries.jsonl": "", "qrels/test.tsv": "h\n", "answers.jsonl": ""})
    assert run(["evaluate", str(folder), *OURS]) == 0
    printed = capsys.readouterr().out
    assert "| set | 3 | 0 |" in printed
    assert "| set | written near miss | 1 | 100.0% | 0.0% |  |" in printed


def test_names_that_mean_something_to_a_plot_are_shown_as_they_are(
    folder: Path, tmp_path: Path
) -> None:
    odd = tmp_path / "_$x^{2}_$"
    folder.rename(odd)
    out = tmp_path / "out.html"
    assert run(["evaluate", str(odd), *OURS, "--html", str(out)]) == 0
    assert out.read_text().count(">\u200b_$x^{2}_$</text>") == 4


def test_what_cannot_be_written_is_said_and_the_figures_are_shown(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["evaluate", str(folder), *OURS, "--json", "/proc/x.json"]) == 2
    captured = capsys.readouterr()
    assert "cannot be written" in captured.err
    assert "| set | 3 | 3 |" in captured.out


def test_the_module_is_the_command() -> None:
    process = subprocess.run(
        [sys.executable, "-m", "evaluation", "nowhere"], capture_output=True, text=True, check=False
    )
    assert process.returncode == 2
    assert process.stderr == "quoth: There is no folder nowhere. Give one in the BEIR layout.\n"


HOSTILE = (
    'x" onload="alert(1)" y="',
    "<img src=x onerror=alert(1)>",
    "'><svg onload=alert(1)>",
    '[a](javascript:alert(1)) ![b](x.png) `c` | &quot; <!-- href="#z url(#z id="z',
)


class Drawn(HTMLParser):
    """Collects each element with its attributes, and the text."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.attributes: set[tuple[str, str]] = set()
        self.text = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.attributes |= {(tag, name) for name, _ in attrs} | {(tag, "")}

    def handle_data(self, data: str) -> None:
        self.text += data

    def handle_comment(self, data: str) -> None:
        raise AssertionError(data)


def report_over(folder: Path, name: str, home: Path) -> Drawn:
    """Return the report on a set, a run, a question and a passage that have a name."""
    named = home / name
    shutil.copytree(folder, named)
    queries = {"q1": name, "q2": f"{name} rivers", "q3": f"Which rivers meet near Basra, {name}?"}
    write_files(
        named,
        {
            "queries.jsonl": "".join(
                json.dumps({"_id": i, "text": text}) + "\n" for i, text in queries.items()
            ),
            "corpus.jsonl": json.dumps({"_id": "rivers", "text": f"{name} rivers"}) + "\n"
            + json.dumps({"_id": "schools", "text": f"{name} schools"}) + "\n"
            + json.dumps({"_id": "food", "text": f"Dates {name}"}) + "\n",
            "answers.jsonl": "",
        },
    )  # fmt: skip
    tag = "".join(name.split())
    (home / "x.run").write_text(f"q1 Q0 rivers 1 2.0 {tag}\n")
    out = home / "out.html"
    options = ["--html", str(out), "--trec", str(home / "x.run")]
    assert run(["evaluate", str(named), *OURS, *options]) == 0
    return Drawn(out.read_text())


@pytest.mark.parametrize("name", HOSTILE)
def test_names_in_the_report_add_no_element_and_no_attribute(
    folder: Path, tmp_path: Path, name: str
) -> None:
    plain = report_over(folder, "plain", tmp_path / "1")
    hostile = report_over(folder, name, tmp_path / "2")
    assert hostile.attributes <= plain.attributes
    for shown in (name, "".join(name.split()), f"{name} rivers"):
        assert shown in hostile.text
    assert "quality-z" not in hostile.text  # an id is renamed, a name that reads like one is not
