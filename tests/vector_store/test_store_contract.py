"""What every store must do, whichever it is: exact values, in every order of changes."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import settings, strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
)
from tests_support import Newest

from vector_store.base import StoreView, StoreWriter, VectorSource, VectorStore
from vector_store.document_ids import document_id
from vector_store.errors import ForeignVectorsError, StoreBusyError
from vector_store.local import LocalStore
from vector_store.memory import MemoryStore
from vector_store.records import (
    Copy,
    Counts,
    DenseSearch,
    Document,
    EmbeddedParagraph,
    Feedback,
    Match,
    Paragraph,
    PassageInPlace,
    Quote,
    Sentences,
    UnreadFile,
    Window,
)

SOURCE = VectorSource("tiny", "f1", 4, 0.0, 1.0, "plain")
WORDS = ("basra", "qom", "gaza", "scholarship", "mission", "heritage")


@pytest.fixture(params=["local", "memory"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[VectorStore]:
    made = LocalStore(tmp_path / "store") if request.param == "local" else MemoryStore()
    yield made
    made.close()


@pytest.fixture
def now(store: VectorStore) -> Newest:
    return Newest(store)


def vector(*values: float) -> np.ndarray:
    """Return four values as a vector of length 1."""
    given = np.array(values, np.float32)
    return given / np.linalg.norm(given)


def keep(writer: StoreWriter, path: str, *parts: tuple[str, list[np.ndarray]]) -> None:
    """Keep a document of paragraphs, each a text and the vectors of its windows."""
    text, embedded = "", []
    for number, (words, vectors) in enumerate(parts, start=1):
        start = len(text)
        text += words
        paragraph = Paragraph(start, len(text), number, None, ("Heading",))
        windows = tuple(Window(0, len(words)) for _ in vectors)
        # One sentence for the first half of the text, one for the rest, in every test.
        half = len(words) // 2
        sentences = Sentences(
            (Window(0, half), Window(half, len(words))), np.array([vectors[0], vectors[-1]])
        )
        embedded.append(EmbeddedParagraph(paragraph, windows, np.array(vectors), sentences))
        text += "\n"
    writer.bind(SOURCE)
    writer.replace(Document(path, path, path.upper(), text, f"sha-{len(path)}", (0,)), embedded)


def test_an_empty_store_finds_nothing(store: VectorStore, now: Newest) -> None:
    assert now.source() is None
    assert now.search_dense(vector(1, 0, 0, 0), 5) == []
    assert now.search_lexical([("basra",)], 5) == []
    assert now.counts() == Counts(0, 0, 0, 0)


def test_dense_search_scores_a_passage_by_its_best_window(store: VectorStore, now: Newest) -> None:
    with store.writer() as writer:
        keep(writer, "a", ("far", [vector(0, 1, 0, 0), vector(1, 1, 0, 0)]))
        keep(writer, "b", ("near", [vector(1, 0, 0, 0)]))
    found = now.search_dense(vector(1, 0, 0, 0), 5)
    assert [match.passage_id for match in found] == [2, 1]
    assert [match.score for match in found] == pytest.approx([1.0, 0.5**0.5], abs=1e-3)
    assert now.similarities(vector(1, 0, 0, 0), [1, 99]) == pytest.approx({1: 0.5**0.5}, abs=1e-3)


def test_nothing_of_what_is_kept_is_altered_by_changes(store: VectorStore, now: Newest) -> None:
    with store.writer() as writer:
        keep(writer, "a", ("basra", [vector(1, 0, 0, 0)]))
        keep(writer, "b", ("qom", [vector(0, 1, 0, 0)]))
        keep(writer, "a", ("the sea", [vector(0, 0, 1, 0)]))
        writer.note_copies([(Copy("z", "z"), "b")])
        writer.remove(["b"])
    assert [info.path for info in now.documents()] == ["a", "z"]
    assert now.altered() == []


def test_documents_and_passages_are_looked_up_by_id(store: VectorStore, now: Newest) -> None:
    with store.writer() as writer:
        keep(writer, "a", *((word, [vector(1, 0, 0, 0)]) for word in ("one", "two", "three")))
        keep(writer, "b", ("one", [vector(0, 1, 0, 0)]))
        writer.note_copies([(Copy("z", "Z"), "b")])
    a, b = document_id("a"), document_id("b")
    assert [now.document(key) for key in (a, b)] == now.documents()
    one, two, three = now.contents("a").passages
    assert now.passage_at(a, 4, 7, around=0) == PassageInPlace((), two, ())
    assert now.passage_at(a, 4, 7, around=1) == PassageInPlace((one,), two, (three,))
    assert now.passage_at(a, 0, 3, around=9) == PassageInPlace((), one, (two, three))
    assert [now.paragraph(a, number) for number in (3, 1)] == [three, one]
    for span in ((0, 4), (1, 3), (9, 9)):
        with pytest.raises(KeyError):
            now.passage_at(a, *span)
    for number in (0, 4):
        with pytest.raises(KeyError):
            now.paragraph(a, number)
    with pytest.raises(KeyError):
        now.document(document_id("z"))  # a copy's
    with store.writer() as writer:
        writer.remove(["b"])
    assert now.document(document_id("z")).path == "z"
    with pytest.raises(KeyError):
        now.document(b)
    with pytest.raises(KeyError):
        now.passage_at(b, 0, 3)


def test_judgements_go_with_the_words_that_they_quote(store: VectorStore, now: Newest) -> None:
    def judged(path: str, start: int, end: int, text: str) -> Feedback:
        return Feedback("Which?", Quote(path, path, start, end, text), answers=True)

    one, two = judged("a", 0, 3, "one"), judged("a", 4, 7, "two")
    moving, none = judged("b", 0, 3, "one"), Feedback("What?", None, answers=False)
    with store.writer() as writer:
        keep(writer, "a", ("one", [vector(1, 0, 0, 0)]), ("two", [vector(0, 1, 0, 0)]))
        keep(writer, "b", ("one", [vector(0, 0, 1, 0)]))
        writer.note_copies([(Copy("c", "C"), "b")])
        for feedback in (one, none, two, moving):
            store.note_feedback(feedback)
        keep(writer, "a", ("one", [vector(1, 0, 0, 0)]), ("2nd", [vector(0, 1, 0, 0)]))
        moved = Feedback("Which?", Quote("c", "C", 0, 3, "one"), answers=True)
        assert now.feedback() == [one, none, moving]
        writer.remove(["b"])
        assert now.feedback() == [one, none, moved]
        writer.note_copies([(Copy("c", "C"), "a")])
        assert now.feedback() == [one, none, moved]  # the same words stand there
        store.note_feedback(two)  # whose words stand there no more
        writer.remove(["a", "c"])
        assert now.feedback() == [none]


def test_what_was_fitted_on_judgements_is_kept_until_removed(
    store: VectorStore, now: Newest
) -> None:
    assert now.calibration() is None
    with store.view() as before:
        for encoded in ("one", '{"two": "\u0634"}'):
            store.note_calibration(encoded)
            assert now.calibration() == encoded
        assert before.calibration() is None
    with store.writer() as writer:
        keep(writer, "a", ("one", [vector(1, 0, 0, 0)]))
        store.note_calibration("three")
    assert (now.calibration(), now.altered()) == ("three", [])
    store.note_calibration(None)
    assert now.calibration() is None
    store.note_calibration(None)


def test_dense_search_returns_as_many_passages_as_asked_for(
    store: VectorStore, now: Newest
) -> None:
    """One passage with many near windows must not crowd the others out."""
    with store.writer() as writer:
        keep(writer, "many", ("long", [vector(1, 0.001 * i, 0, 0) for i in range(40)]))
        keep(writer, "few", ("short", [vector(0, 1, 0, 0)]), ("other", [vector(0, 0, 1, 0)]))
    found = now.search_dense(vector(1, 0.5, 0.2, 0), 3)
    assert [match.passage_id for match in found] == [1, 2, 3]


def test_a_search_may_be_of_some_documents_only(store: VectorStore, now: Newest) -> None:
    with store.writer() as writer:
        for name, along in (("a", 1.0), ("b", 0.5), ("c", 0.1)):
            keep(writer, name, (f"basra {name}", [vector(along, 1 - along, 0, 0)]))
        writer.remove(["b"])
        keep(writer, "d", ("basra d", [vector(0, 0, 1, 0)]))
    ids = {info.path: info.id for info in now.documents()}
    query = vector(1, 0, 0, 0)
    assert [m.passage_id for m in now.search_dense(query, 5, [ids["c"], ids["d"]])] == [3, 4]
    assert [m.passage_id for m in now.search_dense(query, 1, {ids["c"]})] == [3]
    assert now.search_dense(query, 5, [99]) == now.search_dense(query, 5, []) == []
    everywhere = {match.passage_id: match for match in now.search_lexical([("basra",)], 5)}
    assert everywhere.keys() == {1, 3, 4}
    found = now.search_lexical([("basra",)], 5, [ids["a"], ids["d"]])
    assert found == [everywhere[1], everywhere[4]]  # with the same scores
    assert now.search_lexical([("basra",)], 5, []) == []


def test_a_view_stays_the_same_while_the_store_is_changed(store: VectorStore) -> None:
    query = vector(1, 0, 0, 0)

    def everything(view: StoreView) -> list[object]:
        ids = [passage.id for passage in view.contents("a").passages]
        return [
            view.source(), view.counts(), view.documents(), view.contents("a"), view.unread(),
            view.stamps(), view.feedback(), view.passages(ids), view.sentences(ids).keys(),
            view.search_dense(query, 9), view.similarities(query, ids),
            view.search_lexical([("basra",), ("gaza",)], 9), view.idf([("basra",), ("gaza",)]),
            view.dense_search(),
        ]  # fmt: skip

    with store.writer() as writer:
        keep(writer, "a", ("basra", [query]), ("qom", [vector(0, 1, 0, 0)]))
        keep(writer, "b", ("gaza", [vector(0, 0, 1, 0)]))
    with store.view() as unread, store.view() as read:
        before = everything(read)
        with store.writer() as writer:
            keep(writer, "a", ("gaza", [vector(0, 0, 0, 1)]))
            writer.remove(["b"])
            writer.note_unread([UnreadFile("c", "c", "damaged")])
            writer.note_stamps({"d": "1"})
            with writer.view() as newest:  # has what was changed so far
                assert [info.path for info in newest.documents()] == ["a"]
        store.note_feedback(Feedback("Which?", None, answers=False))
        with store.view() as newest:
            assert newest.search_lexical([("basra",)], 9) == []
            assert [match.score for match in newest.search_dense(query, 9)] == [0.0]
            assert len(newest.feedback()) == 1
        assert everything(read) == before
        assert everything(unread) == before  # also where it was not searched before the change
    with store.view() as newest:
        assert newest.counts() == Counts(1, 1, 1, 1)


def test_views_of_one_commit_find_the_same_from_many_threads(store: VectorStore) -> None:
    queries = [vector(1, i, 2, 0) for i in range(7)]
    with store.writer() as writer:
        keep(writer, "a", *((f"t{i}", [vector(i, 1, i % 3, 1)]) for i in range(9)))

    def search(query: np.ndarray) -> list[Match]:
        with store.view() as view:
            return view.search_dense(query, 2)

    alone = [search(query) for query in queries]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(search, queries)) == alone
    assert [len(matches) for matches in alone] == [2] * 7
    with store.view() as view:
        assert view.dense_search() == DenseSearch("exact", 1.0)


def embedded(words: str, start: int, value: np.ndarray) -> EmbeddedParagraph:
    """Return a paragraph of one window and one sentence."""
    whole = (Window(0, len(words)),)
    vectors = value[None]
    paragraph = Paragraph(start, start + len(words), 1)
    return EmbeddedParagraph(paragraph, whole, vectors, Sentences(whole, vectors))


def test_vectors_of_another_model_are_taken_all_at_once(store: VectorStore, now: Newest) -> None:
    with store.writer() as writer:
        writer.bind(SOURCE)
        keep(writer, "a", ("basra", [vector(1, 0, 0, 0)]), ("qom", [vector(0, 1, 0, 0)]))
        keep(writer, "b", ("gaza", [vector(0, 0, 1, 0)]))
        other = replace(SOURCE, model="other", fingerprint="other")
        assert writer.staged(other) == frozenset()
        writer.stage(other, "b", [embedded("gaza", 0, vector(1, 0, 0, 0))])
        with pytest.raises(KeyError):
            writer.stage(other, "c", [])
        with pytest.raises(ValueError, match="no vector of other"):
            writer.adopt(other)
        assert writer.staged(other) == {"b"}
        assert now.source() == SOURCE
        assert [m.passage_id for m in now.search_dense(vector(1, 0, 0, 0), 1)] == [1]
        new = [embedded("basra", 0, vector(0, 0, 0, 1)), embedded("qom", 6, vector(0, 0, 1, 0))]
        writer.stage(other, "a", new)
        writer.adopt(other)
    assert now.source() == other
    assert [m.passage_id for m in now.search_dense(vector(1, 0, 0, 0), 3)] == [3, 1, 2]
    assert now.sentences([1])[1].vectors == pytest.approx(np.array([[0, 0, 0, 1]]))
    assert now.counts().windows == 3
    assert writer.staged(SOURCE) == frozenset()


def test_what_lies_aside_of_another_model_or_a_document_replaced_is_forgotten(
    store: VectorStore,
) -> None:
    other, third = (replace(SOURCE, fingerprint=name) for name in ("other", "third"))
    with store.writer() as writer:
        writer.bind(SOURCE)
        keep(writer, "a", ("basra", [vector(1, 0, 0, 0)]))
        assert writer.staged(other) == frozenset()
        writer.stage(other, "a", [embedded("basra", 0, vector(0, 1, 0, 0))])
        keep(writer, "a", ("qom", [vector(1, 0, 0, 0)]))
        assert writer.staged(other) == frozenset()
        writer.stage(other, "a", [embedded("qom", 0, vector(0, 1, 0, 0))])
        assert writer.staged(third) == frozenset()


def test_lexical_search_is_bm25_over_text_and_headings(store: VectorStore, now: Newest) -> None:
    with store.writer() as writer:
        keep(
            writer,
            "a",
            ("Basra has scholarships", [vector(1, 0, 0, 0)]),
            ("Qom", [vector(0, 1, 0, 0)]),
        )
    assert now.search_lexical([("absent",)], 5) == []
    # k1 = 1.2, b = 0.75; two passages of 4 and 2 terms ("heading" is one of each).
    idf = np.log(1 + (2 - 1 + 0.5) / (1 + 0.5))
    length = 1.2 * (1 - 0.75 + 0.75 * 4 / 3)
    assert now.idf([("basra",)]) == {("basra",): pytest.approx(idf)}
    assert now.search_lexical([("basra",)], 5) == [
        Match(1, pytest.approx(idf * 2.2 / (1 + length), rel=1e-4))
    ]
    assert [match.passage_id for match in now.search_lexical([("head",)], 5)] == [2, 1]


def test_replacing_a_document_leaves_nothing_of_the_old_one(
    store: VectorStore, now: Newest
) -> None:
    with store.writer() as writer:
        keep(writer, "a", ("basra basra", [vector(1, 0, 0, 0)]))
        keep(writer, "a", ("qom", [vector(0, 1, 0, 0)]))
    assert now.search_lexical([("basra",)], 5) == []
    [match] = now.search_dense(vector(1, 0, 0, 0), 5)
    [passage] = now.passages([match.passage_id])
    assert (passage.text, passage.document.path, match.score) == ("qom", "a", pytest.approx(0))
    assert now.counts() == Counts(1, 1, 1, 0)


def test_sentences_are_kept_with_their_vectors(store: VectorStore, now: Newest) -> None:
    with store.writer() as writer:
        keep(writer, "a", ("four", [vector(1, 0, 0, 0), vector(1, 2, 3, 4)]))
        keep(writer, "b", ("é😀", [vector(0, 1, 0, 0)]))
    found = now.sentences([2, 1, 99])
    assert set(found) == {1, 2}
    assert found[1].spans == (Window(0, 2), Window(2, 4))
    assert found[1].vectors == pytest.approx(
        np.array([vector(1, 0, 0, 0), vector(1, 2, 3, 4)]), abs=1e-3
    )
    assert found[2].spans == (Window(0, 1), Window(1, 2))
    with store.writer() as writer:
        writer.remove(["a"])
    assert set(now.sentences([1, 2])) == {2}


def test_feedback_is_kept_in_the_order_it_was_given(store: VectorStore, now: Newest) -> None:
    quote = Quote("a\udcff", "a", 3, 9, "\ud800 \0 é")
    given = [Feedback("q?", quote, True), Feedback("é?", None, False), Feedback("q?", quote, False)]
    for one in given:
        store.note_feedback(one)
    assert now.feedback() == given


def test_a_judgement_is_forgotten_wherever_it_was_given_and_no_other(
    store: VectorStore, now: Newest
) -> None:
    quote = Quote("a\udcff", "a", 3, 9, "\ud800 \0 é")
    good, bad = Feedback("q?", quote, True), Feedback("q?", quote, False)
    nothing, other = Feedback("q?", None, False), Feedback("Q?", None, False)
    for one in (nothing, good, other, nothing, bad):
        store.note_feedback(one)
    store.forget_feedback(nothing)
    assert now.feedback() == [good, other, bad]
    store.forget_feedback(good)
    store.forget_feedback(good)  # which is gone
    assert now.feedback() == [other, bad]
    store.note_feedback(good)
    assert now.feedback() == [other, bad, good]


def test_passages_come_in_the_order_asked_without_those_that_are_gone(
    store: VectorStore, now: Newest
) -> None:
    with store.writer() as writer:
        keep(writer, "a", ("one", [vector(1, 0, 0, 0)]), ("two", [vector(0, 1, 0, 0)]))
        keep(writer, "b", ("three", [vector(0, 0, 1, 0)]))
        assert writer.remove(["b", "never there"]) == 1
    assert [passage.text for passage in now.passages([2, 3, 1])] == ["two", "one"]
    assert [passage.text for passage in now.contents("a").passages] == ["one", "two"]
    with pytest.raises(KeyError):
        now.contents("b")


def test_text_is_kept_exactly_whatever_characters_it_has(store: VectorStore, now: Newest) -> None:
    hostile = "é é \r\n ‮ مرحبا 😀 \0 nul \ud800 lone ﷺ"
    with store.writer() as writer:
        keep(writer, "a\udcff", ("before", [vector(0, 1, 0, 0)]), (hostile, [vector(1, 0, 0, 0)]))
    [match] = now.search_dense(vector(1, 0, 0, 0), 1)
    [passage] = now.passages([match.passage_id])
    assert passage.text == hostile
    document = now.contents("a\udcff").document
    assert document.text[passage.paragraph.start : passage.paragraph.end] == hostile
    assert document.page_starts == (0,)
    assert passage.paragraph.headings == ("Heading",)


def test_notes_of_unread_files_go_when_the_file_is_kept_removed_or_readable(
    store: VectorStore,
    now: Newest,
) -> None:
    notes = [UnreadFile(path, path, "damaged") for path in ("a", "b", "c", "d")]
    with store.writer() as writer:
        writer.note_unread(notes)
        keep(writer, "a", ("text", [vector(1, 0, 0, 0)]))
        writer.remove(["b"])
        writer.note_unread([], readable=["c"])
    assert now.unread() == [notes[3]]


def test_vectors_of_another_model_are_refused_while_there_are_any(
    store: VectorStore, now: Newest
) -> None:
    other = VectorSource("other", "f2", 4, 0.0, 1.0, "plain")
    with store.writer() as writer:
        keep(writer, "a", ("text", [vector(1, 0, 0, 0)]))
        with pytest.raises(ForeignVectorsError, match="'tiny'"):
            writer.bind(other)
        assert now.source() == SOURCE
        writer.remove(["a"])
        writer.bind(other)
    assert now.source() == other


def test_a_second_writer_is_refused(store: VectorStore) -> None:
    with store.writer() as writer:
        with pytest.raises(StoreBusyError), store.writer():
            pass
        keep(writer, "a", ("text", [vector(1, 0, 0, 0)]))
    with store.writer() as writer:
        assert writer.remove(["a"]) == 1


def test_a_document_may_lie_at_several_paths(store: VectorStore, now: Newest) -> None:
    with store.writer() as writer:
        keep(writer, "a", ("basra", [vector(1, 0, 0, 0)]))
        keep(writer, "b", ("qom", [vector(0, 1, 0, 0)]))
        writer.note_stamps({"a": "1", "b": "2", "d": "4"})
        writer.note_unread([UnreadFile("c", "c", "damaged")])
        writer.note_copies([(Copy("c", "C"), "a"), (Copy("b", "B"), "c"), (Copy("a", "A"), "c")])
        with pytest.raises(KeyError):
            writer.note_copies([(Copy("e", "e"), "never there")])
    [info] = now.documents()
    assert (info.path, info.copies) == ("a", (Copy("b", "B"), Copy("c", "C")))
    assert now.unread() == []
    assert now.stamps() == {"a": "1", "d": "4"}
    [passage] = now.passages([match.passage_id for match in now.search_lexical([("basra",)], 5)])
    assert passage.document == info
    with store.writer() as writer:
        assert writer.remove(["a"]) == 1
    [info] = now.documents()
    assert (info.path, info.name, info.copies) == ("b", "B", (Copy("c", "C"),))
    assert now.contents("c").document.path == "b"
    assert now.contents("c").passages[0].document == info
    with store.writer() as writer:
        keep(writer, "b", ("gaza", [vector(0, 0, 1, 0)]))
    assert [i.path for i in now.documents()] == ["b", "c"]
    with store.writer() as writer:
        assert writer.remove(["b", "c"]) == 2
    assert now.counts() == Counts(0, 0, 0, 0)
    assert now.stamps() == {"d": "4"}


class Stores(RuleBasedStateMachine):
    """A `LocalStore` and a `MemoryStore` that go through the same changes find the same."""

    paths = st.sampled_from(["a", "b", "c", "d"])
    parts = st.lists(
        st.tuples(
            st.lists(st.sampled_from(WORDS), min_size=1, max_size=6).map(" ".join),
            st.lists(st.sampled_from(range(12)), min_size=1, max_size=3),
        ),
        min_size=1,
        max_size=4,
    )

    @initialize()
    def start(self) -> None:
        self.folder = TemporaryDirectory()
        self.local = LocalStore(Path(self.folder.name))
        self.memory = MemoryStore()

    def both(self, change: Callable[[StoreWriter], object]) -> None:
        results = []
        for store in (self.local, self.memory):
            with store.writer() as writer:
                results.append(change(writer))
        assert results[0] == results[1]

    @rule(path=paths, parts=parts)
    def keep(self, path: str, parts: list[tuple[str, list[int]]]) -> None:
        made = [(words, [_direction(angle) for angle in angles]) for words, angles in parts]
        self.both(lambda writer: keep(writer, path, *made))

    @rule(paths=st.sets(paths, max_size=3))
    def remove(self, paths: set[str]) -> None:
        self.both(lambda writer: writer.remove(sorted(paths)))

    @rule(path=paths, original=paths)
    def copy(self, path: str, original: str) -> None:
        def note(writer: StoreWriter) -> object:
            try:
                return writer.note_copies([(Copy(path, path), original)])
            except KeyError:
                return "unknown"

        self.both(note)

    @rule()
    def reopen(self) -> None:
        self.local.close()
        self.local = LocalStore(Path(self.folder.name))

    @rule(angle=st.integers(0, 11), limit=st.integers(1, 6))
    def search_dense(self, angle: int, limit: int) -> None:
        query = _direction(angle + 0.3)  # between the kept ones, so that no two tie
        self.same([Newest(store).search_dense(query, limit) for store in (self.local, self.memory)])

    @rule(terms=st.lists(st.sampled_from(WORDS), min_size=1, unique=True))
    def search_lexical(self, terms: list[str]) -> None:
        stems = [word.removesuffix("e") if word == "heritage" else word for word in terms]
        self.same(
            [
                Newest(store).search_lexical([(stem,) for stem in stems], 100)
                for store in (self.local, self.memory)
            ]
        )

    def same(self, found: list[list[Match]]) -> None:
        texts = [
            {
                (passage.document.path, passage.paragraph.number): round(match.score, 3)
                for match in matches
                for passage in Newest(store).passages([match.passage_id])
            }
            for store, matches in zip((self.local, self.memory), found, strict=True)
        ]
        ours, theirs = (sorted(scores.values()) for scores in texts)
        assert ours == pytest.approx(theirs, abs=2e-3)
        if len(set(texts[0].values())) == len(texts[0]):  # without ties the passages are the same
            assert texts[0].keys() == texts[1].keys()

    @invariant()
    def hold_the_same(self) -> None:
        ours, theirs = Newest(self.local), Newest(self.memory)
        assert ours.counts() == theirs.counts()
        listed = [[(i.path, i.copies) for i in store.documents()] for store in (ours, theirs)]
        assert listed[0] == listed[1]

    def teardown(self) -> None:
        self.local.close()
        self.folder.cleanup()


def _direction(angle: float) -> np.ndarray:
    turn = angle * np.pi / 14
    return np.array([np.cos(turn), np.sin(turn), 0, 0], np.float32)


Stores.TestCase.settings = settings(max_examples=20, stateful_step_count=15)
TestStores = Stores.TestCase


def test_all_passages_with_words_are_listed_by_document_and_place(
    store: VectorStore, now: Newest
) -> None:
    near = [vector(1, 0, 0, 0)]
    assert now.holding([("basra",)]) == []
    with store.writer() as writer:
        keep(writer, "b", ("basra", near), ("qom and basra", near), ("gaza", near))
        keep(writer, "a", ("gaza", near), ("of basra", near))
        keep(writer, "c/é", ("basra mission", near))

    def places(*words: tuple[str, ...], documents: list[int] | None = None) -> list[str]:
        found = now.passages(now.holding(words, documents))
        return [f"{one.document.path} {one.paragraph.number}" for one in found]

    assert places(("basra",)) == ["a 2", "b 1", "b 2", "c/é 1"]
    assert places(("basra",), ("qom", "mission")) == ["b 2", "c/é 1"]
    assert places(("basra",), ("of",)) == ["a 2"]
    assert places(("absent",)) == []
    ids = {info.path: info.id for info in now.documents()}
    assert places(("basra",), documents=[ids["b"]]) == ["b 1", "b 2"]
    assert places(("basra",), documents=[]) == []
    assert now.terms("g", 5) == {"gaza": 2}
    assert list(now.terms("", 2).items()) == [("head", 6), ("basra", 4)]


def test_an_edition_stays_while_the_documents_do(store: VectorStore, now: Newest) -> None:
    near = [vector(1, 0, 0, 0)]
    editions = [now.edition()]
    with store.writer() as writer:
        for change in (
            lambda: keep(writer, "a", ("basra", near)),
            lambda: keep(writer, "b", ("basra", near)),
            lambda: writer.note_copies([(Copy("z", "z"), "a")]),
            lambda: writer.remove(["a"]),
            lambda: keep(writer, "b", ("basra", near)),
        ):
            change()
            editions.append(now.edition())
        writer.note_unread([UnreadFile("n", "n", "empty")])
        store.note_feedback(Feedback("Which?", None, answers=False))
    assert len(set(editions)) == 6
    assert now.edition() == editions[-1]
