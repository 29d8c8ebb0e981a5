"""What a slide shows: numbers, raised digits, merged cells; hidden slides and shapes."""

from tests_files import A, zipped

from rag.formats.dispatch import extract
from rag.text.paragraphs import paragraphs

OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def relations(*targets: tuple[str, str, str]) -> str:
    rows = "".join(
        f'<Relationship Id="{i}" Type="{OFFICE}/{kind}" Target="{to}"/>' for i, kind, to in targets
    )
    return f"<Relationships>{rows}</Relationships>"


def deck(*slides: str, **parts: str) -> bytes:
    """Return a presentation of slides, each the content of its tree of shapes."""
    ids = range(len(slides))
    files = {
        "_rels/.rels": relations(("r1", "officeDocument", "ppt/presentation.xml")),
        "ppt/presentation.xml": f"<p:presentation {A}><p:sldIdLst>"
        + "".join(f'<p:sldId r:id="s{n}"/>' for n in ids)
        + "</p:sldIdLst></p:presentation>",
        "ppt/_rels/presentation.xml.rels": relations(
            *((f"s{n}", "slide", f"{n}.xml") for n in ids)
        ),
        **{f"ppt/{n}.xml": slide for n, slide in enumerate(slides)},
        **{f"ppt/{name}.xml": part for name, part in parts.items()},
    }
    if "layout" in parts:
        files["ppt/_rels/0.xml.rels"] = relations(("l", "slideLayout", "layout.xml"))
        files["ppt/_rels/layout.xml.rels"] = relations(("m", "slideMaster", "master.xml"))
    return zipped(files)


def slide(*shapes: str, more: str = "") -> str:
    return f"<p:sld {A} {more}><p:cSld><p:spTree>{''.join(shapes)}</p:spTree></p:cSld></p:sld>"


def shape(*lines: str, more: str = "", style: str = "") -> str:
    about = f"<p:nvSpPr><p:cNvPr {more}/></p:nvSpPr>"
    return (
        f"<p:sp>{about}<p:txBody><a:lstStyle>{style}</a:lstStyle>{''.join(lines)}</p:txBody></p:sp>"
    )


def line(text: str, properties: str = "", level: int = 0) -> str:
    runs = f"<a:r><a:t>{text}</a:t></a:r>" if text else ""
    return f'<a:p><a:pPr lvl="{level}">{properties}</a:pPr>{runs}</a:p>'


def read(data: bytes) -> list[tuple[str, str]]:
    extracted = extract("a.pptx", data)
    kept = paragraphs(extracted.text, extracted.blocks, places=extracted.places)
    return [(p.place, extracted.text[p.start : p.end]) for p in kept]


def auto(scheme: str, start: int = 0) -> str:
    first = f' startAt="{start}"' if start else ""
    return f'<a:buAutoNum type="{scheme}"{first}/>'


def test_paragraphs_have_the_numbers_that_powerpoint_draws() -> None:
    period, letters = auto("arabicPeriod"), auto("alphaLcParenBoth")
    data = deck(
        slide(
            shape(
                line("Open", period), line("the tap", letters, 1), line("the valve", letters, 1),
                line("", period), line("Shut", period), line("the tap", letters, 1),
                line("A remark"), line("Leave", period),
                line("Four", auto("romanUcPeriod", 4)), line("Five", auto("romanUcPeriod", 4)),
            )
        )
    )  # fmt: skip
    assert read(data)[0][1].splitlines() == [
        "1. Open", "(a) the tap", "(b) the valve", "2. Shut", "(a) the tap", "A remark",
        "1. Leave", "IV. Four", "V. Five",
    ]  # fmt: skip


def test_numbers_may_be_those_of_the_shape_or_its_layout_or_master() -> None:
    def level(properties: str) -> str:
        return f"<a:lvl1pPr>{properties}</a:lvl1pPr>"

    body = '<p:nvSpPr><p:nvPr><p:ph idx="1"/></p:nvPr></p:nvSpPr>'
    placed = f"<p:sp>{body}<p:txBody>{{}}</p:txBody></p:sp>".format
    layout = f"<p:sldLayout {A}>{placed('')}</p:sldLayout>"
    master = (
        f"<p:sldMaster {A}><p:txStyles><p:bodyStyle>{level(auto('arabicParenR'))}</p:bodyStyle>"
        "</p:txStyles></p:sldMaster>"
    )
    data = deck(
        slide(shape(line("own"), style=level(auto("alphaUcPeriod"))), placed(line("body")),
              placed(line("no", "<a:buNone/>"))),
        layout=layout, master=master,
    )  # fmt: skip
    assert [text for _, text in read(data)] == ["A. own", "1) body", "no"]


def test_raised_and_lowered_digits() -> None:
    def run(text: str, baseline: str = "") -> str:
        moved = f'<a:rPr baseline="{baseline}"/>' if baseline else ""
        return f"<a:r>{moved}<a:t>{text}</a:t></a:r>"

    one = f"<a:p>{run('10')}{run('6', '30000')}{run(' l of H')}{run('2', '-25000')}{run('O')}</a:p>"
    two = f"<a:p>{run('5', '0')}{run(' m')}{run('2', '30%')}</a:p>"
    assert read(deck(slide(shape(one, two)))) == [("slide 1", "10⁶ l of H₂O\n5 m²")]


def test_hidden_slides_and_shapes_are_said_to_be_hidden() -> None:
    data = deck(
        slide(shape(line("Secret", ""), more='hidden="1"'), shape(line("Open"))),
        slide(shape(line("Draft")), more='show="0"'),
    )
    assert read(data) == [
        ("slide 1", "Open"),
        ("slide 1, hidden text", "Secret"),
        ("slide 2, hidden", "Draft"),
    ]


def test_of_alternatives_the_first_is_read() -> None:
    both = (
        f'<mc:AlternateContent xmlns:mc="mc"><mc:Choice>{shape(line("Once"))}</mc:Choice>'
        f"<mc:Fallback>{shape(line('Once'))}</mc:Fallback></mc:AlternateContent>"
    )
    assert read(deck(slide(both))) == [("slide 1", "Once")]


def test_merged_cells_stand_in_the_columns_and_rows_that_they_reach_into() -> None:
    def cell(text: str, more: str = "") -> str:
        return f"<a:tc {more}><a:txBody>{line(text)}</a:txBody></a:tc>"

    rows = "".join(
        f"<a:tr>{row}</a:tr>"
        for row in (
            cell("Region") + cell("Sales", 'gridSpan="2"') + cell("", 'hMerge="1"'),
            cell("") + cell("2023") + cell("2024"),
            cell("North", 'rowSpan="2"') + cell("1") + cell("2"),
            cell("", 'vMerge="1"') + cell("none", 'gridSpan="2"') + cell("", 'hMerge="1"'),
        )
    )
    frame = f"<p:graphicFrame><a:tbl><a:tblPr/>{rows}</a:tbl></p:graphicFrame>"
    assert read(deck(slide(frame)))[0][1].splitlines()[1:] == [
        "| 2023 | 2024", "North | 1 | 2", "North | none",
    ]  # fmt: skip
