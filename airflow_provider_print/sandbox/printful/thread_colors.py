"""The thread colours of embroidery: which of the service's fifteen a picture is made of."""

from __future__ import annotations

from airflow_provider_print.sandbox import pdf

#: The palette: colour, number of the thread, name (documented).
PALETTE = {
    "#FFFFFF": (1801, "White"),
    "#000000": (1800, "Black"),
    "#96A1A8": (1718, "Grey"),
    "#A67843": (1672, "Old Gold"),
    "#FFCC00": (1951, "Gold"),
    "#E25C27": (1987, "Orange"),
    "#CC3366": (1910, "Flamingo"),
    "#CC3333": (1839, "Red"),
    "#660000": (1784, "Maroon"),
    "#333366": (1966, "Navy"),
    "#005397": (1842, "Royal"),
    "#3399FF": (1695, "Aqua/Teal"),
    "#6B5294": (1832, "Purple"),
    "#01784E": (1751, "Kelly Green"),
    "#7BA35A": (1848, "Kiwi Green"),
}
#: Colours that an order may have at most (documented); the answer is cut there (assumed).
MOST = 6
#: Share of a picture below which a colour is taken for the rim of another one (assumed).
_LEAST_SHARE = 0.01


def of_picture(data: bytes) -> list[str]:
    """Return the colours of the palette that a picture needs, the most frequent first (assumed).

    :raises UnreadableFile: when it is no picture
    """
    shares = dict.fromkeys(PALETTE, 0)
    for colour, count in pdf.picture_colours(data):
        shares[_nearest(colour)] += count
    least = _LEAST_SHARE * sum(shares.values())
    found = [colour for colour, count in shares.items() if count > least]
    return sorted(found, key=lambda colour: -shares[colour])[:MOST]


def _nearest(colour: tuple[int, int, int]) -> str:
    def distance(name: str) -> int:
        thread = tuple(bytes.fromhex(name[1:]))
        return sum((one - other) ** 2 for one, other in zip(colour, thread, strict=True))

    return min(PALETTE, key=distance)
