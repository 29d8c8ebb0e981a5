"""MathML to a line of text: a/b, x², xᵢ, √(a + b). MathML Core, sections 3.1 to 3.5."""

from collections.abc import Callable

from rag.formats.markup.pages.elements import name
from rag.formats.safe_xml import Element
from rag.formats.typesetting.raised import lowered, raised

_LEFT_OUT = {"annotation", "annotation-xml", "mphantom", "none", "mprescripts", "malignmark",
             "maligngroup"}  # fmt: skip
_ACCENTS = {"¯": "\u0304", "ˉ": "\u0304", "‾": "\u0304", "_": "\u0304", "^": "\u0302",
            "ˆ": "\u0302", "~": "\u0303", "˜": "\u0303", "→": "\u20d7", "⃗": "\u20d7",
            "˙": "\u0307", ".": "\u0307", "¨": "\u0308"}  # fmt: skip
_TOKENS = {"mi", "mn", "mo", "mtext", "ms", "mspace"}
_SCRIPTED = {"msup", "msub", "msubsup", "munder", "mover", "munderover", "mmultiscripts"}
_SEPARATED = {"mfenced": ", ", "mtable": "; ", "mtr": ", ", "mlabeledtr": ", "}
_STAYS = {"′", "'", "″", "‴", "∗", "*", "†", "∘", "°"}
_INVISIBLE = str.maketrans("", "", "\u2061\u2062\u2063\u2064")


def formula(math: Element) -> str:
    """Return a formula as a line of text; where it holds none, the text given in its place."""
    text = _row(math).strip()
    return text or (math.get("alttext") or "").strip()


def _row(element: Element) -> str:
    text = (element.text or "").strip()
    for child in element:
        text = _joined(text, _written(child))
    return text


def _joined(before: str, after: str) -> str:
    """Join two parts of a row; what would read as one number is set apart."""
    is_one_number = before[-1:].isdigit() and after[:1].isdigit()
    return f"{before} {after}" if is_one_number else before + after


def _written(element: Element) -> str:
    kind = name(element)
    if not kind or kind in _LEFT_OUT:
        return ""
    parts = [child for child in element if name(child) and name(child) not in _LEFT_OUT]
    if kind in _TOKENS:
        return _token(element, kind)
    if kind in _SCRIPTED:
        return _scripted(kind, [_written(part) for part in parts])
    if kind in _SEPARATED:
        return _separated(element, kind, [_written(part) for part in parts])
    if kind in ("mfrac", "mroot") and len(parts) == 2:
        first, second = map(_written, parts)
        if kind == "mfrac":
            return f"{_grouped(first)}/{_grouped(second)}"
        return f"{raised(second, variable=True)}√{_grouped(first)}"
    return f"√{_grouped(_row(element))}" if kind == "msqrt" else _row(element)


def _separated(element: Element, kind: str, parts: list[str]) -> str:
    inner = _SEPARATED[kind].join(filter(None, parts))
    if kind != "mfenced":
        return inner
    return f"{element.get('open', '(')}{inner}{element.get('close', ')')}"


def _token(element: Element, kind: str) -> str:
    text = " ".join("".join(map(str, element.itertext())).split()).translate(_INVISIBLE)
    if kind in ("mtext", "mspace"):
        return f" {text} " if text else " "
    return f"{text} " if kind == "mo" and text == "," else text


def _scripted(kind: str, parts: list[str]) -> str:
    """Return a base with what stands above and below it."""
    base, *scripts = parts or [""]
    if not scripts:
        return base
    if kind == "mover" and scripts[0].strip() in _ACCENTS:
        accent = _ACCENTS[scripts[0].strip()]
        return base + accent if len(base) == 1 else f"{scripts[0].strip()}{_grouped(base)}"
    below = "" if kind in ("msup", "mover") else scripts[0]
    above = scripts[0] if kind in ("msup", "mover") else "".join(scripts[1:2])
    if above and not base.isalnum():
        base = _grouped(base)
    return f"{base}{_script(below, '_', lowered)}{_script(above, '^', raised)}"


def _script(text: str, sign: str, shifted: Callable[..., str]) -> str:
    text = text.strip()
    if not text or text in _STAYS:
        return text
    if len(text) > 2 and text.isalpha():
        return sign + text  # a word, which could not be found in small letters
    return shifted(text, variable=True)


def _grouped(text: str) -> str:
    """Return a part of a formula in parentheses, unless it is one number, word or pair of them."""
    text = text.strip()
    is_one = len(text) < 2 or all(letter.isalnum() or letter in ".,′" for letter in text)
    is_paired = text[:1] == "(" and text[-1:] == ")" and text.find(")") == len(text) - 1
    return text if is_one or is_paired else f"({text})"
