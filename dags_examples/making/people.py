"""Invented customers: what they are called, where they live, what they bought and paid."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from decimal import Decimal

LETTERS = 100
DAYS_OF_MONTH = 31

# fmt: off
FIRST = [
    "Ada", "Bryn", "Celia", "Dafydd", "Edith", "Fergus", "Greta", "Hamish", "Ines", "Jonah", "Kezia",
    "Lowri", "Magnus", "Nora", "Orla", "Piers", "Quentin", "Rhona", "Siân", "Tobias", "Una", "Vaughan",
    "Winifred", "Yusuf", "Zoë",
]
LAST = [
    "Applegarth", "Birdwhistle", "Candlewick", "Dovecote", "Eastlake", "Featherby", "Greenhalgh",
    "Hollowell", "Inkpenny", "Juniper", "Kettlewell", "Larkspur", "Merriweather", "Nettlefold",
    "Oakenshaw", "Penhallow", "Quillfeather", "Rowanberry", "Saltmarsh", "Thistlewood", "Underhill",
    "Vellacott", "Whistlecraft", "Yarrowby",
]
TRADES = [
    "Stationers", "Bookshop", "Framing", "Paper Works", "Gift Rooms", "Print Studio", "Card Company",
    "Toy Shop",
]
STREETS = [
    "Bellows Row", "Candle Street", "Foxglove Lane", "Inkwell Yard", "Kiln Terrace", "Mulberry Steps",
    "Parchment Walk", "Quill Mews",
]
TOWNS = [
    "Upper Fernhill", "Marlstow", "Eddlesby", "Port Quillon", "Thornwick-on-Sea", "Little Vellum",
    "Kingsparch", "Oversby",
]
# fmt: on
GOODS = (
    ("Envelopes C5, recycled, box of 500", "18.40"),
    ("Kraft mailers, medium, pack of 100", "31.75"),
    ("Copier paper A4, 80 g, five reams", "22.90"),
    ("Tissue paper, sage, 240 sheets", "12.60"),
    ("Paper tape, 50 mm, six rolls", "14.25"),
    ("Gift boxes, square, pack of 25", "27.30"),
    ("Card blanks A6, cotton, pack of 50", "19.95"),
    ("Label sheets A4, 21 to a sheet", "9.80"),
    ("Honeycomb wrap, 100 m", "24.10"),
    ("Book sleeves, large, pack of 50", "36.45"),
)


@dataclass
class Customer:
    """A row of the CSV, with what was bought and paid."""

    number: str
    name: str
    address_1: str
    address_2: str
    town: str
    postcode: str
    by_email: bool
    opening: Decimal
    entries: list[tuple[int, str, str, Decimal]] = field(default_factory=list)

    @property
    def address(self) -> list[str]:
        """The lines as they stand in the window."""
        lines = (self.name, self.address_1, self.address_2, self.town, self.postcode)
        return [line for line in lines if line]

    @property
    def invoiced(self) -> Decimal:
        """What was delivered, in pounds."""
        return sum((amount for *_, amount in self.entries if amount > 0), Decimal(0))

    @property
    def paid(self) -> Decimal:
        """What was paid, in pounds."""
        return -sum((amount for *_, amount in self.entries if amount < 0), Decimal(0))

    @property
    def balance(self) -> Decimal:
        """What is due at the end, in pounds."""
        return self.opening + self.invoiced - self.paid


def postcode(chance: random.Random) -> str:
    """Return a postcode of QZ, an area that does not exist."""
    return f"QZ{chance.randint(1, 19)} {chance.randint(1, 9)}{''.join(chance.choices('ABDEFGHJ', k=2))}"


def customers() -> list[Customer]:
    chance = random.Random(1786)  # noqa: S311 - the same people every time
    people: list[Customer] = []
    names = [f"{first} {last}" for first in FIRST for last in LAST]
    for index, name in enumerate(chance.sample(names, LETTERS)):
        business = chance.random() < 0.45
        customer = Customer(
            number=f"F{20411 + 7 * index}",
            name=f"{name.split()[1]} {chance.choice(TRADES)}" if business else name,
            address_1=f"{chance.randint(1, 98)} {chance.choice(STREETS)}",
            address_2=f"Unit {chance.randint(1, 12)}, The Old Mill" if business and index % 3 == 0 else "",
            town=chance.choice(TOWNS),
            postcode=postcode(chance),
            by_email=index % 15 == 9,
            opening=Decimal(chance.randint(0, 30000)) / 100,
        )
        for day in sorted(
            chance.choices(range(1, DAYS_OF_MONTH + 1), k=chance.choice((8, 14, 30, 44, 54, 80, 96)))
        ):
            due = customer.balance
            if due > 80 and chance.random() < 0.2:
                paid = (
                    due
                    if chance.random() < 0.3
                    else (due * chance.randint(4, 9) / 10).quantize(Decimal("0.01"))
                )
                customer.entries.append(
                    (day, f"P{chance.randint(31000, 39999)}", "Payment, thank you", -paid)
                )
            else:
                what, price = chance.choice(GOODS)
                number = chance.randint(1, 3)
                text = f"{number} x {what}" if number > 1 else what
                customer.entries.append(
                    (day, f"{chance.randint(704000, 709999)}", text, number * Decimal(price))
                )
        people.append(customer)
    return people
