"""Documents cut to windows and sentences, and put together again."""

import numpy as np
import pytest

from rag.indexing.chunking import cut, put_together
from rag.indexing.readers import Reading
from rag.models.hashing import HashingEmbedder
from vector_store.records import Document, Paragraph, Window

# 64 tokens fit; the second sentence lies across the end of the first window.
LONG = " ".join(f"a{i}" for i in range(60)) + ". B " + " ".join(f"b{i}" for i in range(30)) + "."


def reading(text: str, headings: tuple[str, ...] = ()) -> Reading:
    paragraph = Paragraph(0, len(text), 1, None, headings)
    return Reading(Document("p", "n", "t", text, "0"), (paragraph,))


def test_each_sentence_is_placed_in_the_window_that_shows_most_of_it() -> None:
    [made] = cut(reading(LONG, ("Head",)), HashingEmbedder())
    [windows], [sentences] = made.windows, made.sentences
    assert len(windows) == 2
    assert [one.window for one in sentences] == [0, 1]
    for one in sentences:
        text = made.texts[one.window]
        assert text.startswith("Head\n")
        assert text[slice(*one.within)] in LONG[one.span.start : one.span.end]
    assert made.texts[0][slice(*made.spans()[0][0])].startswith("a0 a1 ")
    assert made.spans()[1] == [sentences[1].within]


def test_vectors_come_back_to_the_sentences_they_were_made_for() -> None:
    embedder = HashingEmbedder()
    [made] = cut(reading("Rain fell. The king slept."), embedder)
    vectors, parts = embedder.embed_with_spans(made.texts, made.spans())
    [paragraph] = put_together(made, vectors, parts)
    assert paragraph.sentences.spans == (Window(0, 10), Window(11, 26))
    expected = embedder.embed_documents(["Rain fell.", "The king slept."])
    assert paragraph.sentences.vectors == pytest.approx(expected)
    assert paragraph.vectors == pytest.approx(vectors)


def test_a_passage_that_says_nothing_to_the_model_is_one_sentence() -> None:
    [made] = cut(reading("One. Two."), HashingEmbedder())
    vectors, [parts] = HashingEmbedder().embed_with_spans(made.texts, made.spans())
    [silent] = put_together(made, vectors, [np.zeros_like(parts)])
    assert silent.sentences.spans == (Window(0, 9),)
    assert silent.sentences.vectors == pytest.approx(vectors)
    [half] = put_together(made, vectors, [np.stack([np.zeros_like(parts[0]), parts[1]])])
    assert half.sentences.spans == (Window(5, 9),)


def test_a_sentence_that_no_window_shows_is_none() -> None:
    words = " ".join(f"w{i}" for i in range(70))
    [made] = cut(reading(f"!!!\n\n{words}"), HashingEmbedder())
    assert [one.span for one in made.sentences[0]] == [Window(5, 5 + len(words))]
    assert all(0 <= a < b for spans in made.spans() for a, b in spans)
