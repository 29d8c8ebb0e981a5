"""A quote is a span of its document: held for hostile text through the whole path."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st
from tests_support import write_files

from rag import Document, Library
from rag.indexing.readers import Reading
from rag.text import markdown, plain_text
from rag.text.paragraphs import paragraphs

SHARED = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
"""One library serves all examples, each of which replaces its document."""
# Without what has a meaning in a question: quotation marks, and "-" or ":" beside a word.
plain = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters='-:"“”«»„'), min_size=1, max_size=40
)
hostile = st.text(
    alphabet=st.one_of(
        st.sampled_from("\r\n\t \f\x00\x85\u2028\ufeff\u202e\u0301#*->|`é😀ab مر他\ud800\udc00."),
        st.characters(),
    ),
    max_size=120,
)


@pytest.mark.parametrize("blocks", [plain_text.blocks, markdown.blocks])
@given(text=hostile, question=plain)
@settings(max_examples=40, suppress_health_check=SHARED)
def test_what_is_shown_is_the_documents_text(
    library: Library, blocks: object, text: str, question: str
) -> None:
    text = f"Basra and Qom.\n\n{text}"
    document = Document("d", "d", "d", text, "0")
    library.add_readings([Reading(document, tuple(paragraphs(text, blocks(text))))])
    assert library.contents("d").document.text == text
    assert library.verify().problems == ()
    for asked in ("basra", f"q {question}"):
        answer = library.ask(asked, k=50)
        assert len(answer.passages) == library.status().counts.passages
        for passage in answer.passages:
            citation = passage.citation
            assert passage.text == text[citation.start : citation.end]
            for highlight in passage.highlights:
                assert 0 <= highlight.start < highlight.end <= len(passage.text)
            [answered] = [h for h in passage.highlights if h.kind == "answer"]
            assert passage.text[answered.start : answered.end].strip()


@pytest.mark.slow
@given(data=st.binary(max_size=200))
@settings(max_examples=60, suppress_health_check=SHARED)
def test_any_file_is_quoted_exactly_or_reported(
    library: Library, tmp_path: Path, data: bytes
) -> None:
    docs = write_files(tmp_path / "docs", {"a.txt": data, "sound.txt": "Sound text."})
    report = library.add(docs)
    names = {info.name for info in library.documents()} | {file.name for file in report.unread}
    assert names == {"a.txt", "sound.txt"}
    assert [p for p in library.verify().problems if p.kind == "altered"] == []
