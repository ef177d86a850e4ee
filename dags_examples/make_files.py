"""Write the example files: `python make_files.py [FOLDER]`; by default into `files` beside this script.

Everything is invented: people, places, and postcodes of an area that does not exist. The same bytes come out
each time, so that a run can be compared with the one before. Needs reportlab and pillow (extra `sandbox`).
"""

from __future__ import annotations

import csv
import sys
from pathlib import Path

from making.people import Customer, customers
from making.pictures import write_pictures
from making.sheet import Sheet
from making.statements import PERIOD, control_sheet, statement
from making.stationery import backgrounds, leaflet, postcard


def write_csv(path: Path, people: list[Customer]) -> None:
    names = ["number", "name", "address_1", "address_2", "town", "postcode", "country", "amount", "delivery"]
    with path.open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow(names)
        for one in people:
            address = [one.name, one.address_1, one.address_2, one.town, one.postcode, "GB"]
            rows.writerow([one.number, *address, f"{one.balance:.2f}", "email" if one.by_email else "post"])


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    people = customers()
    write_csv(folder / "customers.csv", people)
    run = Sheet(folder / "statements.pdf", f"Statements {PERIOD}")
    pages = [statement(run, customer) for customer in people]
    run.canvas.save()
    control_sheet(folder / "enclosure.pdf", people, pages)
    backgrounds(folder)
    leaflet(folder / "leaflet.pdf")
    postcard(folder / "postcard.pdf")
    write_pictures(folder)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent / "files")
