"""What Word shows: numbers, raised digits, marks of notes, merged cells, and what it hides."""

import pytest
from tests_files import W, docx, paragraph

from rag.formats.dispatch import extract
from rag.text.paragraphs import paragraphs

Read = list[tuple[str, str]]


def read(body: str, **parts: str) -> Read:
    """Return each paragraph's place and text."""
    extracted = extract("a.docx", docx(body, **parts))
    kept = paragraphs(extracted.text, extracted.blocks, places=extracted.places)
    return [(p.place, extracted.text[p.start : p.end]) for p in kept]


def texts(body: str, **parts: str) -> list[str]:
    return [text for _, text in read(body, **parts)]


def run(text: str, properties: str = "") -> str:
    return f'<w:r><w:rPr>{properties}</w:rPr><w:t xml:space="preserve">{text}</w:t></w:r>'


def lines(*runs: str) -> str:
    return f"<w:p>{''.join(runs)}</w:p>"


SUPER = '<w:vertAlign w:val="superscript"/>'
SUB = '<w:vertAlign w:val="subscript"/>'


def item(text: str, list_id: int = 1, level: int = 0, *, style: str = "") -> str:
    named = f'<w:pStyle w:val="{style}"/>' if style else ""
    numbered = f'<w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="{list_id}"/></w:numPr>'
    return f"<w:p><w:pPr>{named}{numbered}</w:pPr>{run(text)}</w:p>"


def level(at: int, numbering: str, pattern: str, more: str = "", start: int = 1) -> str:
    return (
        f'<w:lvl w:ilvl="{at}"><w:start w:val="{start}"/><w:numFmt w:val="{numbering}"/>'
        f'<w:lvlText w:val="{pattern}"/>{more}</w:lvl>'
    )


def numbering(*definitions: str, lists: str = "") -> str:
    abstract = "".join(
        f'<w:abstractNum w:abstractNumId="{n}">{levels}</w:abstractNum>'
        for n, levels in enumerate(definitions, 1)
    )
    used = lists or "".join(
        f'<w:num w:numId="{n}"><w:abstractNumId w:val="{n}"/></w:num>'
        for n in range(1, len(definitions) + 1)
    )
    return f"<w:numbering {W}>{abstract}{used}</w:numbering>"


def styles(*each: str) -> str:
    return f"<w:styles {W}>{''.join(each)}</w:styles>"


def style(identity: str, inside: str, kind: str = "paragraph") -> str:
    return f'<w:style w:type="{kind}" w:styleId="{identity}">{inside}</w:style>'


CLAUSES = (
    level(0, "decimal", "%1.")
    + level(1, "decimal", "%1.%2")
    + level(2, "lowerLetter", "(%3)", '<w:suff w:val="space"/>')
)


def test_clauses_have_the_numbers_that_word_draws() -> None:
    body = (
        item("Term") + item("It begins.", level=1) + item("It ends.", level=1)
        + item("Rent") + item("It is due.", level=1) + item("monthly;", level=2)
        + item("yearly.", level=2) + item("Late rent bears interest.", level=1)
    )  # fmt: skip
    assert texts(body, numbering=numbering(CLAUSES)) == [
        "1. Term", "1.1 It begins.", "1.2 It ends.", "2. Rent", "2.1 It is due.", "(a) monthly;",
        "(b) yearly.", "2.2 Late rent bears interest.",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("numbering_format", "start", "drawn"),
    [
        ("decimalZero", 9, ["09.", "10."]),
        ("upperRoman", 3, ["III.", "IV."]),
        ("lowerLetter", 26, ["z.", "aa."]),
        ("upperLetter", 28, ["BB.", "CC."]),
        ("ordinal", 2, ["2nd.", "3rd."]),
        ("cardinalText", 20, ["Twenty.", "Twenty-one."]),
        ("ordinalText", 1, ["First.", "Second."]),
        ("ordinalText", 30, ["Thirtieth.", "Thirty-first."]),
        ("hebrew1", 15, ["טו.", "טז."]),
        ("arabicAbjad", 1, ["أ.", "ب."]),
        ("chineseCounting", 10, ["十.", "十一."]),
        ("decimalEnclosedCircle", 1, ["①.", "②."]),
        ("decimalFullWidth", 12, ["１２.", "１３."]),
        ("bullet", 1, ["", ""]),
        ("none", 1, [".", "."]),
    ],
)
def test_formats_of_numbers(numbering_format: str, start: int, drawn: list[str]) -> None:
    part = numbering(level(0, numbering_format, "%1.", start=start))
    expected = [f"{number} one".strip() for number in drawn]
    assert texts(item("one") + item("one"), numbering=part) == expected


def test_a_format_of_its_own_has_zeros_before_the_number() -> None:
    part = numbering(
        '<w:lvl w:ilvl="0"><w:start w:val="7"/><mc:AlternateContent xmlns:mc="mc"><mc:Choice>'
        '<w:numFmt w:val="custom" w:format="001, 002, 003, ..."/></mc:Choice><mc:Fallback>'
        '<w:numFmt w:val="decimal"/></mc:Fallback></mc:AlternateContent><w:lvlText w:val="%1"/>'
        "</w:lvl>"
    )
    assert texts(item("seven"), numbering=part) == ["007 seven"]


def test_lists_of_one_definition_count_on_unless_one_starts_anew() -> None:
    lists = (
        '<w:num w:numId="1"><w:abstractNumId w:val="1"/></w:num>'
        '<w:num w:numId="2"><w:abstractNumId w:val="1"/></w:num>'
        '<w:num w:numId="3"><w:abstractNumId w:val="1"/><w:lvlOverride w:ilvl="0">'
        '<w:startOverride w:val="5"/></w:lvlOverride></w:num>'
    )
    body = item("a") + item("b", 2) + item("c", 3) + item("d", 3) + item("e", 1)
    part = numbering(level(0, "decimal", "%1)"), lists=lists)
    assert texts(body, numbering=part) == ["1) a", "2) b", "5) c", "6) d", "7) e"]


def test_a_level_may_never_count_anew_and_show_roman_numbers_in_digits() -> None:
    definition = (
        level(0, "upperRoman", "Part %1")
        + level(1, "decimal", "§ %2", '<w:lvlRestart w:val="0"/>')
        + level(2, "decimal", "%1.%3", "<w:isLgl/>")
    )
    body = item("x") + item("y", level=1) + item("z") + item("y", level=1) + item("w", level=2)
    assert texts(body, numbering=numbering(definition)) == [
        "Part I x", "§ 1 y", "Part II z", "§ 2 y", "2.1 w",
    ]  # fmt: skip


def test_headings_are_numbered_by_their_styles() -> None:
    named = styles(
        style("H1", '<w:name w:val="heading 1"/><w:pPr><w:numPr><w:numId w:val="1"/></w:numPr>'
              "</w:pPr>"),
        style("H2", '<w:name w:val="heading 2"/><w:basedOn w:val="H1"/>'),
        style("Plain", '<w:name w:val="heading 2"/><w:basedOn w:val="H1"/><w:pPr><w:numPr>'
              '<w:numId w:val="0"/></w:numPr></w:pPr>'),
    )  # fmt: skip
    part = numbering(
        level(0, "decimal", "Article %1", '<w:pStyle w:val="H1"/>')
        + level(1, "decimal", "%1.%2", '<w:pStyle w:val="H2"/>')
    )
    body = (
        paragraph("Rent", "H1") + paragraph("Amount", "H2") + paragraph("It is ten.")
        + paragraph("Preface", "Plain") + paragraph("Hello.")
    )  # fmt: skip
    extracted = extract("a.docx", docx(body, styles=named, numbering=part))
    kept = paragraphs(extracted.text, extracted.blocks)
    assert [p.headings for p in kept] == [("Article 1 Rent", "1.1 Amount"),
                                          ("Article 1 Rent", "Preface")]  # fmt: skip


def test_the_title_stands_above_all_headings() -> None:
    named = styles(style("T", '<w:name w:val="Title"/>'), style("H", '<w:name w:val="heading 1"/>'))
    body = (
        paragraph("Lease", "T") + paragraph("Term", "H") + paragraph("Six years.")
        + paragraph("Rent", "H") + paragraph("Ten.")
    )  # fmt: skip
    extracted = extract("a.docx", docx(body, styles=named))
    kept = paragraphs(extracted.text, extracted.blocks)
    assert [p.headings for p in kept] == [("Lease", "Term"), ("Lease", "Rent")]


def test_a_definition_may_be_that_of_a_style_of_lists() -> None:
    named = styles(
        style("Ours", '<w:pPr><w:numPr><w:numId w:val="2"/></w:numPr></w:pPr>', "numbering")
    )
    part = numbering('<w:numStyleLink w:val="Ours"/>', level(0, "upperLetter", "Annex %1"))
    body = item("first", 1) + item("second", 2)
    assert texts(body, numbering=part, styles=named) == ["Annex A first", "Annex B second"]


def test_deleted_and_empty_paragraphs_do_not_disturb_the_count() -> None:
    numbered = '<w:numPr><w:numId w:val="1"/></w:numPr>'
    deleted = (
        f'<w:p><w:pPr>{numbered}<w:rPr><w:del w:id="1"/></w:rPr></w:pPr>'
        f'<w:del w:id="2"><w:r><w:delText>gone</w:delText></w:r></w:del></w:p>'
    )
    body = item("a") + deleted + item("b")
    assert texts(body, numbering=numbering(level(0, "decimal", "%1."))) == ["1. a", "2. b"]


def test_raised_and_lowered_digits() -> None:
    named = styles(
        style("Power", f"<w:rPr>{SUPER}</w:rPr>", "character"),
        style("Still", '<w:basedOn w:val="Power"/>', "character"),
    )
    body = (
        lines(run("3 × 10"), run("6", SUPER), run(" m"), run("2", '<w:rStyle w:val="Still"/>'))
        + lines(run("H"), run("2", SUB), run("O, 10"), run("−", SUPER), run("3", SUPER))
        + lines(run("2"), run("10", '<w:position w:val="6"/><w:sz w:val="12"/>'), run(" files"))
        + lines(run("the 1"), run("st", SUPER), run(" of Smith"), run("1, 2", SUPER))
        + lines(run("low", '<w:position w:val="-4"/>'))
        + lines(run("2"), run("n", SUPER), run(" of x"), run("i", SUB), run(", M"), run("n", SUPER))
    )
    assert texts(body, styles=named) == [
        "3 × 10⁶ m²", "H₂O, 10⁻³", "2¹⁰ files", "the 1st of Smith¹, ²", "low",
        "2ⁿ of xᵢ, Mⁿ",
    ]  # fmt: skip


def test_equations_in_a_line() -> None:
    m = 'xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math"'

    def r(text: str) -> str:
        return f"<m:r><m:t>{text}</m:t></m:r>"

    power = f"<m:sSup><m:e>{r('10')}</m:e><m:sup>{r('6')}</m:sup></m:sSup>"
    half = f"<m:f><m:num>{r('a+b')}</m:num><m:den>{r('2')}</m:den></m:f>"
    bracket = f"<m:d><m:e>{r('x')}</m:e></m:d>"
    index = f"<m:sSub><m:e>{r('v')}</m:e><m:sub>{r('max')}</m:sub></m:sSub>"
    math = f"<w:p><m:oMath {m}>{power}{r('=')}{half}{bracket}{index}</m:oMath></w:p>"
    assert texts(math) == ["10⁶=(a+b)/2(x)vₘₐₓ"]


def note(kind: str, identity: int, *runs: str) -> str:
    return f'<w:{kind} w:id="{identity}">{lines(f"<w:r><w:{kind}Ref/></w:r>", *runs)}</w:{kind}>'


def test_notes_have_their_marks_in_the_text_and_before_them() -> None:
    feet = (
        f"<w:footnotes {W}>" + note("footnote", 7, run(" By the navy."))
        + note("footnote", 9, run("*", SUPER), run(" Later."))
        + note("footnote", 8, run("Again.")) + "</w:footnotes>"
    )  # fmt: skip
    ends = f"<w:endnotes {W}>{note('endnote', 7, run('At last.'))}</w:endnotes>"
    body = (
        lines(run("Sunk in 1628"), '<w:r><w:footnoteReference w:id="7"/></w:r>', run(" by wind"),
              '<w:r><w:footnoteReference w:customMarkFollows="1" w:id="9"/><w:t>*</w:t></w:r>')
        + lines(run("120"), '<w:r><w:endnoteReference w:id="7"/></w:r>', run(" men"),
                '<w:r><w:footnoteReference w:id="8"/></w:r>')
    )  # fmt: skip
    assert texts(body, footnotes=feet, endnotes=ends) == [
        "Sunk in 1628[1] by wind[*]", "[1] By the navy.", "[*] Later.", "120[i] men[2]",
        "[i] At last.", "[2] Again.",
    ]  # fmt: skip


def test_notes_are_numbered_as_the_sections_say() -> None:
    feet = f"<w:footnotes {W}>" + "".join(
        note("footnote", n, run(f"Note {n}.")) for n in (1, 2, 3)
    ) + "</w:footnotes>"  # fmt: skip
    settings = (
        f'<w:settings {W}><w:footnotePr><w:numFmt w:val="lowerLetter"/>'
        '<w:numRestart w:val="eachSect"/></w:footnotePr></w:settings>'
    )
    reference = '<w:r><w:footnoteReference w:id="{}"/></w:r>'.format
    body = (
        lines(run("x"), reference(1))
        + "<w:p><w:pPr><w:sectPr/></w:pPr>" + run("y") + reference(2) + "</w:p>"
        + lines(run("z"), reference(3))
        + '<w:sectPr><w:footnotePr><w:numFmt w:val="chicago"/></w:footnotePr></w:sectPr>'
    )  # fmt: skip
    assert texts(body, footnotes=feet, settings=settings)[::2] == ["x[a]", "y[b]", "z[*]"]


def test_a_field_shows_its_result() -> None:
    def mark(kind: str, inside: str = "") -> str:
        return f'<w:r><w:fldChar w:fldCharType="{kind}">{inside}</w:fldChar></w:r>'

    code = "<w:r><w:instrText>REF a</w:instrText></w:r>"
    inner = mark("begin") + code + mark("separate") + run("unseen") + mark("end")
    outer = mark("begin") + code + inner + run("= 1") + mark("separate") + run("2.1") + mark("end")
    choices = '<w:ffData><w:ddList><w:result w:val="1"/><w:listEntry w:val="no"/>' \
        '<w:listEntry w:val="yes"/></w:ddList></w:ffData>'  # fmt: skip
    ticked = "<w:ffData><w:checkBox><w:checked/></w:checkBox></w:ffData>"
    body = (
        lines(run("see clause "), outer, run("."))
        + lines('<w:fldSimple w:instr="PAGEREF b">' + run("12") + "</w:fldSimple>")
        + lines(run("Paid: "), mark("begin", choices), code, mark("end"), mark("begin", ticked),
                mark("end"))
        + lines(mark("begin"), run("a field that never ends"))
    )  # fmt: skip
    assert texts(body) == ["see clause 2.1.", "12", "Paid: yes☒", "a field that never ends"]


def test_prompts_of_empty_fields_are_no_text_of_the_document() -> None:
    prompt = (
        "<w:sdt><w:sdtPr><w:showingPlcHdr/></w:sdtPr><w:sdtContent>"
        + run("Enter a name.") + "</w:sdtContent></w:sdt>"
    )  # fmt: skip
    filled = f"<w:sdt><w:sdtPr/><w:sdtContent>{run('Olga Ek')}</w:sdtContent></w:sdt>"
    body = lines(run("Tenant: "), prompt) + lines(run("Owner: "), filled)
    assert read(body) == [
        ("", "Tenant:"),
        ("empty field", "Enter a name."),
        ("", "Owner: Olga Ek"),
    ]


def test_hidden_text_is_said_to_be_hidden() -> None:
    named = styles(
        style("Draft", "<w:rPr><w:vanish/></w:rPr>", "character"),
        style("Remark", "<w:rPr><w:vanish/></w:rPr>"),
    )
    body = (
        lines(run("Armed at ten."), run(" Or eleven?", "<w:vanish/>"))
        + lines(run("Open."), run(" Ask Leo.", '<w:rStyle w:val="Draft"/>'))
        + paragraph("Only for us.", "Remark")
        + lines(run("Shut.", '<w:rStyle w:val="Draft"/><w:vanish w:val="0"/>'))
    )
    assert read(body, styles=named) == [
        ("", "Armed at ten."), ("hidden text", "Or eleven?"), ("", "Open."),
        ("hidden text", "Ask Leo."), ("hidden text", "Only for us."), ("", "Shut."),
    ]  # fmt: skip


def test_readings_above_words_follow_them() -> None:
    def ruby(base: str, reading: str) -> str:
        return f"<w:r><w:ruby><w:rubyPr/><w:rt>{run(reading)}</w:rt><w:rubyBase>{run(base)}" \
            "</w:rubyBase></w:ruby></w:r>"  # fmt: skip

    begin, end = (
        '<w:r><w:fldChar w:fldCharType="' + kind + '"/></w:r>' for kind in ("begin", "end")
    )
    code = r"EQ \* jc2 \* hps10 \o\ad(\s\up 9(とうきょう),東京)"
    old = f"{begin}<w:r><w:instrText>{code}</w:instrText></w:r>{end}"
    body = lines(ruby("東", "とう"), ruby("京", "きょう"), run("の本社")) + lines(
        old, run("の本社")
    )
    assert texts(body) == ["東京（とうきょう）の本社"] * 2


def box(text: str) -> str:
    content = f"<w:txbxContent>{paragraph(text)}</w:txbxContent>"
    return (
        '<w:r><mc:AlternateContent xmlns:mc="mc"><mc:Choice><w:drawing><g>'
        f"{content}</g></w:drawing></mc:Choice><mc:Fallback><w:pict>{content}</w:pict>"
        "</mc:Fallback></mc:AlternateContent></w:r>"
    )


def cell(inside: str, properties: str = "") -> str:
    return f"<w:tc><w:tcPr>{properties}</w:tcPr>{inside}</w:tc>"


def table(*rows: str) -> str:
    return "<w:tbl>" + "".join(f"<w:tr>{row}</w:tr>" for row in rows) + "</w:tbl>"


def test_text_boxes_are_quoted_once_also_in_cells() -> None:
    p = paragraph
    rows = table(
        cell(p("Area")) + cell(p("Rule")),
        cell(p("Loft")) + cell(lines(run("No smoking."), box("The code is 5519."))),
    )
    assert texts(lines(run("Look:"), box("Sign the book.")) + rows) == [
        "Look:",
        "Sign the book.",
        "Area | Rule\nLoft | No smoking. The code is 5519.",
    ]


def test_cells_of_a_table_in_a_cell_do_not_run_together() -> None:
    p = paragraph
    inner = table(cell(p("Driver")) + cell(p("Olga")), cell(p("Loader")) + cell(p("Tariq")))
    rows = table(cell(p("Shift")) + cell(p("Crew")), cell(p("Night")) + cell(p("") + inner + p("")))
    assert texts(rows) == ["Shift | Crew\nNight | Driver | Olga; Loader | Tariq"]


def test_merged_cells_stand_in_the_columns_and_rows_that_they_reach_into() -> None:
    p = paragraph
    two, first, on = '<w:gridSpan w:val="2"/>', '<w:vMerge w:val="restart"/>', "<w:vMerge/>"
    rows = table(
        cell(p("Region"), first) + cell(p("Sales"), two),
        cell(p(""), on) + cell(p("2023")) + cell(p("2024")),
        cell(p("North"), first) + cell(p("1")) + cell(p("2")),
        cell(p(""), on) + cell(p("none at all"), two),
        '<w:trPr><w:gridBefore w:val="1"/></w:trPr>' + cell(p("5")) + cell(p("6")),
    )
    assert texts(rows)[0].splitlines()[1:] == [
        "Region | 2023 | 2024", "North | 1 | 2", "North | none at all", "| 5 | 6",
    ]  # fmt: skip


def test_a_lead_in_stays_with_its_list() -> None:
    bullets = numbering(level(0, "bullet", "•") + level(1, "bullet", "-"))
    long = "x" * 700
    body = (
        paragraph("Before leaving:") + item("lights off;") + item("also:") + item("gas", level=1)
        + paragraph("Then go.") + paragraph("Rules:") + item(f"First {long}") + item(f"Next {long}")
    )  # fmt: skip
    extracted = extract("a.docx", docx(body, numbering=bullets))
    kept = paragraphs(extracted.text, extracted.blocks)
    assert [(extracted.text[p.start : p.end], p.headings) for p in kept] == [
        ("Before leaving:\nlights off;\nalso:\ngas", ()),
        ("Then go.", ()),
        ("Rules:", ()),
        (f"First {long}", ("Rules:",)),
        (f"Next {long}", ("Rules:",)),
    ]


def test_decisions_in_a_heading_style_are_quoted_each_by_itself() -> None:
    named = styles(style("H", '<w:name w:val="heading 2"/>'))
    body = (
        paragraph("The lift is bought.", "H") + paragraph("The fee is 30.", "H")
        + paragraph("Attendance", "H") + paragraph("Five came.")
    )  # fmt: skip
    assert texts(body, styles=named) == ["The lift is bought.", "The fee is 30.", "Five came."]


def test_hostile_counts_stay_small() -> None:
    rows = table(*[cell(paragraph("a"), '<w:gridSpan w:val="999999999"/>') * 3] * 2)
    assert len(extract("a.docx", docx(rows)).text) < 2_000
    big = numbering(level(0, "lowerLetter", "%1" * 90, start=999_999_999))
    assert len(extract("a.docx", docx(item("x") * 3, numbering=big)).text) < 10_000
    loop = styles(
        style("A", f'<w:basedOn w:val="B"/><w:rPr>{SUPER}</w:rPr>'),
        style("B", '<w:basedOn w:val="A"/>'),
    )
    assert texts(paragraph("x", "B"), styles=loop) == ["x"]
