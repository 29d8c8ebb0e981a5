"""Raised and lowered characters, as Unicode has them: 10⁶, H₂O, not 106 and H2O.

A reader passes only what the page raises as an exponent or an ordinal; the mark of a footnote is
set apart with `note_mark`, or left out where the note itself is quoted with it.
"""

_RAISED = dict(zip("0123456789+-−=()niabcdefghjklmoprstuvwxyz",
                   "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼⁽⁾ⁿⁱᵃᵇᶜᵈᵉᶠᵍʰʲᵏˡᵐᵒᵖʳˢᵗᵘᵛʷˣʸᶻ", strict=True))  # fmt: skip
_LOWERED = dict(zip("0123456789+-−=()aehijklmnoprstuvx",
                    "₀₁₂₃₄₅₆₇₈₉₊₋₋₌₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ", strict=True))  # fmt: skip


def raised(text: str, *, variable: bool = False) -> str:
    """Return raised text in Unicode's superscripts; after "^" where they lack a character of it.

    Ordinals ("1st", "M.lle") have letters only, which nobody misreads: they stay as they are,
    unless the caller knows that they stand for a number (`variable`).
    """
    return _shifted(text, _RAISED, "^", variable)


def lowered(text: str, *, variable: bool = False) -> str:
    """Return lowered text in Unicode's subscripts; after "_" where they lack a character of it."""
    return _shifted(text, _LOWERED, "_", variable)


def note_mark(mark: str) -> str:
    """Return the mark of a note, set apart from the word before it: "[1]"."""
    return f"[{mark.strip().strip('[]()')}]"


def _shifted(text: str, characters: dict[str, str], sign: str, variable: bool) -> str:
    bare = text.strip()
    if not bare or not (variable or any(letter.isdigit() or letter in "+-−=" for letter in bare)):
        return text  # letters alone
    if any(letter not in characters for letter in bare):
        return text.replace(bare, f"{sign}({bare})" if len(bare) > 1 else f"{sign}{bare}")
    return text.replace(bare, "".join(map(characters.__getitem__, bare)))
