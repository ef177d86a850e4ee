"""Where things are on a page. Lengths in points (1/72 inch), origin at the lower left, as in PDF itself."""

from __future__ import annotations

#: Points in a millimetre.
MM = 72 / 25.4
#: Width and height of A4.
A4 = (210 * MM, 297 * MM)

#: The address window of the envelope, in millimetres: from the left, from the top, width, height
#: (documented).
WINDOW_MM = (20.0, 45.0, 90.0, 35.0)

#: left, bottom, right, top
Box = tuple[float, float, float, float]
#: a b c d e f of PDF's `cm`
Matrix = tuple[float, float, float, float, float, float]


def upright_size(box: Box, turn: int) -> tuple[float, float]:
    """Return width and height of a page as a reader sees it.

    :param box: the visible box of the page
    :param turn: rotation of the page, clockwise: 0, 90, 180 or 270
    """
    width, height = box[2] - box[0], box[3] - box[1]
    return (height, width) if turn % 180 else (width, height)


def upright_matrix(box: Box, turn: int) -> Matrix:
    """Return the matrix from the sheet as a reader sees it (origin lower left) to the page's own space."""
    left, bottom, right, top = box
    return {
        0: (1.0, 0.0, 0.0, 1.0, left, bottom),
        90: (0.0, 1.0, -1.0, 0.0, right, bottom),
        180: (-1.0, 0.0, 0.0, -1.0, right, top),
        270: (0.0, -1.0, 1.0, 0.0, left, top),
    }[turn % 360]


def inverse(matrix: Matrix) -> Matrix:
    """Return the matrix that undoes `matrix`, one without a shear to zero."""
    a, b, c, d, e, f = matrix
    det = a * d - b * c
    return (d / det, -b / det, -c / det, a / det, (c * f - d * e) / det, (b * e - a * f) / det)


def chain(first: Matrix, then: Matrix) -> Matrix:
    """Return the matrix that does `first`, and `then` the other."""
    a, b, c, d, e, f = first
    p, q, r, s, t, u = then
    return (
        *(a * p + b * r, a * q + b * s, c * p + d * r),
        *(c * q + d * s, e * p + f * r + t, e * q + f * s + u),
    )


def apply(matrix: Matrix, x: float, y: float) -> tuple[float, float]:
    """Return where a point goes."""
    a, b, c, d, e, f = matrix
    return a * x + c * y + e, b * x + d * y + f


def in_page(area: Box, box: Box, turn: int) -> Box:
    """Return an area of the upright sheet in the page's own space."""
    matrix = upright_matrix(box, turn)
    xs, ys = zip(apply(matrix, area[0], area[1]), apply(matrix, area[2], area[3]), strict=True)
    return min(xs), min(ys), max(xs), max(ys)


def window_box(size: tuple[float, float], window: str) -> Box:
    """Return the address window on an upright sheet.

    :param size: width and height of the sheet
    :param window: `left` (documented), or `right`: the same, mirrored (assumed)
    """
    x, y, width, height = (length * MM for length in WINDOW_MM)
    left = x if window == "left" else size[0] - x - width
    top = size[1] - y
    return left, top - height, left + width, top
