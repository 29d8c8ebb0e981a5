"""Raised and lowered text, marks of notes, formulas, readings, and deleted text in web pages."""

import pytest

from rag.formats.dispatch import extract


def read(body: str) -> list[str]:
    found = extract("a.html", f"<html><body>{body}</body></html>".encode())
    return [found.text[block.start : block.end] for block in found.blocks]


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("3 × 10<sup>6</sup> litres", "3 × 10⁶ litres"),
        ("2<sup>10</sup> files of 40 m<sup>2</sup>", "2¹⁰ files of 40 m²"),
        ("10<sup>-3</sup> and x<sup>n+1</sup>", "10⁻³ and xⁿ⁺¹"),
        ("2<sup>n</sup>, e<sup><i>x</i></sup>, x<sub>i</sub>", "2ⁿ, eˣ, xᵢ"),
        ("H<sub>2</sub>SO<sub>4</sub>, SO<sub>4</sub><sup>2-</sup>", "H₂SO₄, SO₄²⁻"),
        ("10<span style='vertical-align: super'>6</span>", "10⁶"),
        ("10<span class='superscript'>6</span> t", "10⁶ t"),
        ("10<sup> 6</sup> t, 10<sup>1.5</sup>", "10⁶ t, 10^(1.5)"),
        ("the 1<sup>st</sup> of M<sup>lle</sup> X at 45<sup>o</sup>", "the 1st of Mlle X at 45º"),
        ("V<sub>max</sub> is fixed<sup>[source needed]</sup>", "Vmax is fixed[source needed]"),
        ("built in 1628<sup>1</sup> by masons.<sup>2</sup>", "built in 1628 [1] by masons.[2]"),
        ("the masons<sup>1</sup> and<sup>2,3</sup> 9 metres<sup>2</sup>, 1024<sup>2</sup>",
         "the masons[1] and[2,3] 9 metres², 1024²"),
    ],
)  # fmt: skip
def test_raised_and_lowered_digits_stay_apart_from_the_number_before(html: str, text: str) -> None:
    assert read(f"<p>{html}</p>") == [text]


@pytest.mark.parametrize(
    "page",
    [
        '<p>Sunk in 1628<a href="#fn1" class="footnote-ref" id="r1" role="doc-noteref"><sup>1</sup>'
        '</a> here.</p><section class="footnotes"><ol><li id="fn1"><p>Or 1629.<a href="#r1" '
        'class="footnote-back" role="doc-backlink">↩︎</a></p></li></ol></section>',
        '<p>Sunk in 1628<sup id="fnref:1"><a href="#fn:1">1</a></sup> here.</p><div>'
        '<ol><li id="fn:1"><p>Or 1629.&#160;<a href="#fnref:1">&#8617;</a></p></li></ol></div>',
        '<p>Sunk in 1628<a epub:type="noteref" href="#n1">1</a> here.</p>'
        '<aside epub:type="footnote" id="n1"><p>Or 1629.</p></aside>',
        '<p>Sunk in 1628<sup><a href="#n1" id="r1">1</a></sup> here.</p>'
        '<p id="n1"><sup><a href="#r1">1</a></sup> Or 1629.</p>',
        '<p>Sunk in 1628<sup><a href="#n1">1</a></sup> here.</p><p><a name="n1"></a>1 Or 1629.</p>',
        '<p>Sunk in 1628<a class="footnote-reference" href="#f1" id="r1">1</a> here.</p>'
        '<aside class="footnote" id="f1"><span class="label">[<a role="doc-backlink" href="#r1">1'
        "</a>]</span><p>Or 1629.</p></aside>",
        '<p>Sunk in 1628<a class="footnote-reference" href="#f1" id="r1">1</a> here.</p>'
        '<dl class="footnote"><dt id="f1"><a class="fn-backref" href="#r1">1</a></dt>'
        "<dd><p>Or 1629.</p></dd></dl>",
    ],
)
def test_a_note_and_its_mark_are_set_apart_and_kept(page: str) -> None:
    assert read(page) == ["Sunk in 1628 [1] here.", "[1] Or 1629."]


def test_marks_that_the_page_has_in_brackets_stay_as_they_are() -> None:
    page = (
        '<p>1,234<sup class="reference" id="c1"><a href="#cite1">[1]</a></sup> people</p>'
        '<ol class="references"><li id="cite1"><span class="mw-cite-backlink">^ <sup><a href="#c1">'
        "a</a></sup> <sup><a href='#c2'>b</a></sup></span> Census.</li></ol>"
    )
    assert read(page) == ["1,234[1] people", "[1] Census."]


def test_a_link_within_a_text_is_no_mark() -> None:
    page = '<p>See table <a href="#t2">2</a> and <a href="#c">chapter 3</a>.</p><p id="t2">A</p>'
    assert read(page) == ["See table 2 and chapter 3.", "A"]


@pytest.mark.parametrize(
    ("math", "text"),
    [
        ("<mfrac><mi>a</mi><mi>b</mi></mfrac>", "a/b"),
        ("<mn>2</mn><mfrac><mn>1</mn><mn>2</mn></mfrac>", "2 1/2"),
        ("<mfrac><mrow><mi>a</mi><mo>+</mo><mn>1</mn></mrow><mn>2</mn></mfrac>", "(a+1)/2"),
        ("<msup><mi>x</mi><mn>2</mn></msup><mo>+</mo><msub><mi>x</mi><mi>i</mi></msub>", "x²+xᵢ"),
        ("<semantics><msup><mi>r</mi><mn>2</mn></msup><annotation>r^2</annotation></semantics>",
         "r²"),
        ("<msqrt><mi>a</mi><mo>+</mo><mi>b</mi></msqrt>", "√(a+b)"),
        ("<mroot><mi>a</mi><mn>3</mn></mroot>", "³√a"),
        ("<msubsup><mi>x</mi><mi>i</mi><mn>2</mn></msubsup>", "xᵢ²"),
        ("<mi>x</mi><mo>=</mo><mn>2</mn>", "x=2"),
    ],
)  # fmt: skip
def test_formulas_are_written_on_the_line(math: str, text: str) -> None:
    assert read(f"<p>so <math>{math}</math>.</p>") == [f"so {text}."]


def test_a_formula_that_is_drawn_and_given_as_text_is_read_once() -> None:
    katex = (
        '<span class="katex"><span class="katex-mathml"><math><msup><mi>r</mi><mn>2</mn></msup>'
        '</math></span><span class="katex-html" aria-hidden="true">r2</span></span>'
    )
    wiki = (
        '<span><span style="display: none;"><math><msup><mi>r</mi><mn>2</mn></msup></math></span>'
        '<img class="mwe-math-fallback-image" alt="{r^2}"></span>'
    )
    assert read(f"<p>{katex} or {wiki} or <math alttext='y=1'></math></p>") == ["r² or r² or y=1"]


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<ruby>東京<rt>とうきょう</rt></ruby>へ", "東京（とうきょう）へ"),
        ("<ruby>京都<rp>(</rp><rt>きょうと</rt><rp>)</rp></ruby>", "京都（きょうと）"),
        ("<ruby>東<rt>とう</rt>京<rt>きょう</rt></ruby>", "東京（とうきょう）"),
        (
            "<ruby><rb>漢</rb><rb>字</rb><rtc><rt>かん</rt><rt>じ</rt></rtc></ruby>",
            "漢字（かんじ）",
        ),
        ("<ruby>base<rt>reading</rt></ruby>", "base (reading)"),
    ],
)
def test_a_reading_stands_after_its_text(html: str, text: str) -> None:
    assert read(f"<p>{html}</p>") == [text]


def test_deleted_text_is_marked_as_such() -> None:
    page = (
        "<p>Price: <del>9 euros</del> <ins>11 euros</ins>, <s>50</s> 40, "
        "<span style='text-decoration: line-through'>x1</span></p><del><p>No dogs.</p></del>"
    )
    assert read(page) == [
        "Price: [deleted: 9 euros] 11 euros, [deleted: 50] 40, [deleted: x1]",
        "[deleted: No dogs.]",
    ]


def test_white_space_and_letters_that_are_pictures() -> None:
    assert read("<pre>a<br>b\n  c<sup>2</sup></pre>") == ["a\nb\n  c²"]
    assert read("<div style='white-space: pre-wrap'>one\n two\n\nthree</div>") == [
        "one\n two", "three",
    ]  # fmt: skip
    page = "<p>so&shy;ft wo<wbr>rd <img class=emoji alt='😀'><img alt='A cat on a mat'>.</p>"
    assert read(page) == ["soft word 😀."]


def test_a_page_in_a_page_is_read_in_its_place() -> None:
    page = "<p>One.</p><iframe srcdoc='&lt;p&gt;Two &amp;amp; a half.&lt;/p&gt;'></iframe><p>3.</p>"
    assert read(page) == ["One.", "Two & a half.", "3."]
