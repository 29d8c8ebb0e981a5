"""The straight level and upright lines that are drawn on a PDF page, as around a table's cells."""

import ctypes
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from rag.formats.pdf.characters.letters import Frame

_MOST_OBJECTS, _MOST_PATHS = 20_000, 3_000
"""Of a page; one with more is a drawing."""
_MOST_LINES, _MOST_RULES = 6_000, 1_000
"""Of a page, before and after lines that go on one another are joined."""
_MOST_POINTS = 2_000
"""Of one path."""
_MOST_CURVES = 24
"""Points of curves in one path: round corners of boxes have twelve."""
_NESTED = 3
"""Depth of forms, as PDF calls groups of objects, that are looked into."""
_THIN = 2.5
"""Points: a filled shape that is thinner is a rule."""
_STRAIGHT = 0.7
"""Points by which a line may deviate from level."""
_SHORTEST = 5.0
_TOUCHING = 2.0
"""Points between pieces of one rule."""

Matrix = tuple[float, float, float, float, float, float]
_SAME: Matrix = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)


class Rule(NamedTuple):
    """A level or upright line: how far up (or right) it is, and from where to where it goes."""

    at: float
    start: float
    end: float


@dataclass(frozen=True, slots=True)
class Rules:
    """A page's rules, in points from the lower left of the page as it is read."""

    level: Sequence[Rule] = ()
    upright: Sequence[Rule] = ()

    def mirrored(self) -> "Rules":
        """Return the rules as in a mirror, left for right."""
        return Rules(
            [Rule(at, -end, -start) for at, start, end in self.level],
            [Rule(-at, start, end) for at, start, end in self.upright],
        )


def drawn_rules(page: Any, pdfium: Any, frame: Frame) -> Rules:
    """Return the rules of an open page; none for a page that is a drawing."""
    drawn = _Drawn(pdfium, page)
    if drawn.is_drawing:
        return Rules()
    level: list[Rule] = []
    upright: list[Rule] = []
    for x1, y1, x2, y2 in drawn.lines:
        across, up = abs(x2 - x1), abs(y2 - y1)
        if min(across, up) > _STRAIGHT or max(across, up) < _SHORTEST:
            continue
        left, bottom, right, top = frame.box(min(x1, x2), min(y1, y2), max(x1, x2), max(y1, y2))
        if top - bottom <= _STRAIGHT:
            level.append(Rule((bottom + top) / 2, left, right))
        else:
            upright.append(Rule((left + right) / 2, bottom, top))
    rules = Rules(_joined(level), _joined(upright))
    return rules if len(rules.level) + len(rules.upright) <= _MOST_RULES else Rules()


def _joined(rules: Sequence[Rule]) -> list[Rule]:
    """Put pieces of a rule together, as where each cell has borders of its own."""
    by_place: list[list[Rule]] = []
    for rule in sorted(rules):
        if by_place and rule.at - by_place[-1][0].at <= _TOUCHING:
            by_place[-1].append(rule)
        else:
            by_place.append([rule])
    joined = []
    for pieces in by_place:
        pieces.sort(key=lambda rule: rule.start)
        at, start, end = pieces[0]
        for piece in pieces[1:]:
            if piece.start <= end + _TOUCHING:
                end = max(end, piece.end)
            else:
                joined.append(Rule(at, start, end))
                at, start, end = piece
        joined.append(Rule(at, start, end))
    return joined


class _Drawn:
    """The straight lines of a page, each from point to point as the page has them."""

    def __init__(self, pdfium: Any, page: Any) -> None:
        """Read the drawn objects of an open page, as many as are allowed."""
        self.lines: list[tuple[float, float, float, float]] = []
        self._pdfium = pdfium
        self._left, self._paths_left = _MOST_OBJECTS, _MOST_PATHS
        self._box = [ctypes.c_float() for _ in range(4)]
        self._references = [ctypes.byref(side) for side in self._box]
        self._mode, self._is_stroked = ctypes.c_int(), ctypes.c_int()
        count = min(pdfium.FPDFPage_CountObjects(page), _MOST_OBJECTS)
        self._read(page, pdfium.FPDFPage_GetObject, count, _SAME, 0)

    @property
    def is_drawing(self) -> bool:
        """Whether the page has more than is read."""
        return self._left < 0 or self._paths_left < 0 or len(self.lines) > _MOST_LINES

    def _read(self, parent: Any, get: Any, count: int, outer: Matrix, depth: int) -> None:
        pdfium = self._pdfium
        kind_of, path = pdfium.FPDFPageObj_GetType, pdfium.FPDF_PAGEOBJ_PATH
        for at in range(count):
            self._left -= 1
            if self.is_drawing:
                return
            item = get(parent, at)
            kind = kind_of(item)
            if kind == path:
                self._paths_left -= 1
                self._read_path(item, outer)
            elif kind == pdfium.FPDF_PAGEOBJ_FORM and depth < _NESTED:
                inner = _product(self._matrix(item), outer)
                parts = pdfium.FPDFFormObj_CountObjects(item)
                self._read(item, pdfium.FPDFFormObj_GetObject, parts, inner, depth + 1)

    def _read_path(self, path: Any, outer: Matrix) -> None:
        if not self._pdfium.FPDFPageObj_GetBounds(path, *self._references):
            return
        left, bottom, right, top = (side.value for side in self._box)
        if outer is not _SAME:
            left, bottom = _moved((left, bottom), outer)
            right, top = _moved((right, top), outer)
        width, height = abs(right - left), abs(top - bottom)
        if width < _SHORTEST and height < _SHORTEST:
            return
        self._pdfium.FPDFPath_GetDrawMode(path, self._mode, self._is_stroked)
        if not (self._mode.value or self._is_stroked.value):
            return
        if min(width, height) > _THIN:
            self._read_segments(path, _product(self._matrix(path), outer))
        elif width >= height:
            self.lines.append((left, (bottom + top) / 2, right, (bottom + top) / 2))
        else:
            self.lines.append(((left + right) / 2, bottom, (left + right) / 2, top))

    def _read_segments(self, path: Any, matrix: Matrix) -> None:
        """Read the straight parts of a path, a closed one's last as well."""
        pdfium = self._pdfium
        x, y = ctypes.c_float(), ctypes.c_float()
        first: tuple[float, float] | None = None
        last = (0.0, 0.0)
        curves = 0
        for at in range(min(pdfium.FPDFPath_CountSegments(path), _MOST_POINTS)):
            segment = pdfium.FPDFPath_GetPathSegment(path, at)
            kind = pdfium.FPDFPathSegment_GetType(segment)
            if kind == pdfium.FPDF_SEGMENT_BEZIERTO:
                curves += 1
                if curves > _MOST_CURVES:
                    return
            pdfium.FPDFPathSegment_GetPoint(segment, x, y)
            point = _moved((x.value, y.value), matrix)
            if kind == pdfium.FPDF_SEGMENT_LINETO and first is not None:
                self.lines.append((*last, *point))
            elif kind == pdfium.FPDF_SEGMENT_MOVETO:
                first = point
            last = point
            if first is not None and pdfium.FPDFPathSegment_GetClose(segment):
                self.lines.append((*last, *first))

    def _matrix(self, item: Any) -> Matrix:
        matrix = self._pdfium.FS_MATRIX()
        if not self._pdfium.FPDFPageObj_GetMatrix(item, matrix):
            return _SAME
        return matrix.a, matrix.b, matrix.c, matrix.d, matrix.e, matrix.f


def _product(one: Matrix, other: Matrix) -> Matrix:
    a, b, c, d, e, f = one
    g, h, i, j, k, m = other
    return (a * g + b * i, a * h + b * j, c * g + d * i, c * h + d * j,
            e * g + f * i + k, e * h + f * j + m)  # fmt: skip


def _moved(point: tuple[float, float], matrix: Matrix) -> tuple[float, float]:
    x, y = point
    a, b, c, d, e, f = matrix
    return a * x + c * y + e, b * x + d * y + f
