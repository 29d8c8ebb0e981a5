"""`quoth ask`: prints the passages that answer a question."""

import json
import sys
from pathlib import Path

import click

from rag.chat.followups import follow
from rag.cli.options import LIBRARY_OPTION, MODEL_OPTION, examples
from rag.cli.output import show_answer, warn
from rag.default_library import open_to_ask
from rag.indexing.discovery import followed
from rag.query.syntax import parse


@click.command(
    epilog=examples(
        'quoth ask "Which subjects do the scholarships cover?"',
        """quoth ask 'What pays for "clean water" type:pdf' -k 3""",
        'quoth ask --where "reports/*" --json "Who signed?" | jq .answered',
    )
)
@click.argument("question")
@click.option(
    "-k",
    "count",
    type=click.IntRange(1, 100),
    default=5,
    show_default=True,
    help="The maximum number of passages.",
)
@click.option(
    "--where",
    multiple=True,
    metavar="PATTERN",
    help='Search only matching documents: a name, a folder, or a pattern such as "*.md"; '
    "may be repeated.",
)
@click.option(
    "--after",
    "earlier",
    metavar="QUESTION",
    default="",
    help='The previous question, for a follow-up such as "And in Qom?".',
)
@click.option("--json", "as_json", is_flag=True, help="Print the answer as a JSON object.")
@LIBRARY_OPTION
@MODEL_OPTION
@click.pass_context
def ask(
    context: click.Context,
    question: str,
    count: int,
    where: tuple[str, ...],
    earlier: str,
    as_json: bool,
    library: Path | None,
    model: str | None,
) -> None:
    """Quote the passages that answer QUESTION.

    When none does, the nearest misses are printed, marked as such. "-" reads the question from
    standard input. A question may hold "an exact phrase", -excluded words, and the filters
    document:name, folder:name, type:md, from:name, to:name, subject:word,
    after:2024-05 and before:2025.
    """
    if question == "-":
        question = sys.stdin.read()
    opened = open_to_ask(library, model)
    if opened.seeds:
        warn("No library yet: asking the two seed documents. Add yours with: quoth index PATH")
    with opened.library as searched:
        previous = parse(earlier) if earlier.strip() else None
        patterns = [followed(pattern) for pattern in where]
        answer = follow(searched, question, previous, k=count, where=patterns).answer
    if as_json:
        click.echo(json.dumps(answer.to_dict(), indent=2))
    else:
        show_answer(answer)
    context.exit(0 if answer.answered else 1)
