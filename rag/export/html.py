"""Documents as one HTML file, which needs nothing else and runs nothing."""

from collections.abc import Sequence
from itertools import groupby

from rag.export.blocks import Block
from rag.text.html_escaping import Html

_PAGE = Html(
    '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
    '<meta name="viewport" content="width=device-width">'
    '<meta http-equiv="Content-Security-Policy" '
    "content=\"default-src 'none'; style-src 'unsafe-inline'\">"
    "<title>{title}</title><style>{style}</style></head>\n<body><main>\n{body}\n</main></body></html>\n"
)
_STYLE = Html(
    "body{margin:0;background:#fff;color:#20262d;font:1.05rem/1.6 Georgia,serif}"
    "main{max-width:46rem;margin:0 auto;padding:2rem 1.25rem}"
    "h1{font-size:2rem;line-height:1.2}h2{font-size:1.3rem;margin-top:2.2rem}"
    "blockquote{margin:.4rem 0;padding:.6rem 1rem;border-inline-start:3px solid #0d685d;"
    "background:#f8f7f4;white-space:pre-wrap;overflow-wrap:anywhere}"
    "p{overflow-wrap:anywhere}p.above,p.digest{font-size:.82rem;color:#59636e;margin:.2rem 0}"
    "p.citation{margin:.2rem 0;font-weight:600}p.note{white-space:pre-wrap;margin:.4rem 0;"
    "padding-inline-start:1rem;border-inline-start:3px solid #9a4a12}li{overflow-wrap:anywhere}"
)
_TAGS = {
    "title": Html('<h1 dir="auto">{}</h1>'),
    "heading": Html('<h2 dir="auto">{}</h2>'),
    "text": Html('<p dir="auto">{}</p>'),
    "item": Html('<li dir="auto">{}</li>'),
    "above": Html('<p class="above" dir="auto">{}</p>'),
    "quote": Html('<blockquote dir="auto">{}</blockquote>'),
    "citation": Html('<p class="citation" dir="auto">{}</p>'),
    "digest": Html('<p class="digest">{}</p>'),
    "note": Html('<p class="note" dir="auto">{}</p>'),
}


def html(blocks: Sequence[Block]) -> bytes:
    """Return blocks as a self-contained HTML file in UTF-8."""
    title = next((block.text for block in blocks if block.kind == "title"), "Quoth")
    pieces = []
    for is_list, group in groupby(blocks, key=lambda block: block.kind == "item"):
        drawn = Html("\n").join(_TAGS[block.kind].format(block.text) for block in group)
        pieces.append(Html("<ul>\n{}\n</ul>").format(drawn) if is_list else drawn)
    page = _PAGE.format(title=title, style=_STYLE, body=Html("\n").join(pieces))
    return page.encode("utf-8", "replace")
