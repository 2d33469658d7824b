"""Invented people, places and words. NHS numbers come from the range kept for tests (domain 7.6)."""

from __future__ import annotations

import random
from collections.abc import Iterator

FORENAMES = ["Margaret", "Joan", "Doris", "Sheila", "Brenda", "Jean", "Audrey", "Beryl", "Hilda", "Maureen", "Norma", "Pauline", "Rita", "Sylvia", "Vera", "Iris", "Edna", "Gladys", "Olive", "Winifred", "Ronald", "Kenneth", "Derek", "Dennis", "Raymond", "Stanley", "Norman", "Gordon", "Leslie", "Cyril", "Albert", "Ernest", "Harold", "Frank", "Walter", "Arthur", "Sidney", "Reginald", "Cecil", "Percy", "Amara", "Farida", "Gurpreet", "Hyacinth", "Ingrid", "Jadwiga", "Kamala", "Lakshmi", "Meera", "Nkechi", "Oluwaseun", "Parveen", "Rashid", "Svetlana", "Teodor", "Usha", "Vikram", "Wanjiru", "Yusuf", "Zofia"]
SURNAMES = ["Hartley", "Ashdown", "Birchwood", "Copperfield", "Dunmore", "Elmsworth", "Fairbrother", "Greenhalgh", "Hollingbery", "Inglewood", "Jessop", "Kettlewell", "Longstaff", "Merriweather", "Nettleton", "Oakapple", "Penhallow", "Quillfeather", "Ravenscroft", "Saltmarsh", "Thistlewood", "Underhay", "Vanbrugh", "Whitlock", "Yarrow", "Applegarth", "Brambley", "Cotterell", "Dapplewood", "Eastergate", "Fennimore", "Gorseland", "Harebell", "Ivychurch", "Juniperson", "Kingsnorth", "Larkfield", "Marshgate", "Northbourne", "Otterden", "Pennyfather", "Ruckinge", "Sheldwich", "Teynham", "Upchurch", "Okonkwela", "Adebimpe", "Chowdhurie", "Ferreirinha", "Kowalczuk", "Nakamoro", "Osmanova", "Patelwala", "Rahmanov", "Singhal"]
STREETS = ("Orchard Row", "Mill Lane", "Station Terrace", "Chapel Street", "Seaview Close", "Hop Garden Way", "Saxon Avenue", "Willow Drive", "Church Path", "Tankerton Gardens")
ZONES = (("Coastal", "E02005005", "CT6 5"), ("Central", "E02005006", "CT5 1"), ("Rural west", "E02005007", "ME13 8"), ("Marsh", "E02005008", "CT5 4"))
JOBS = ("Care worker", "Care worker", "Care worker", "Care worker", "Senior care worker", "Care coordinator", "Night care worker", "Team leader")
_LAST = "ABDEFGHJLNPQRSTUWXYZ"


def nhs_numbers() -> Iterator[str]:
    """Valid numbers from 999 000 0010 upwards."""
    for stem in range(999000001, 1_000_000_000):
        digits = [int(d) for d in str(stem)]
        check = 11 - sum(digit * weight for digit, weight in zip(digits, range(10, 1, -1), strict=True)) % 11
        if check != 10:
            yield f"{stem}{0 if check == 11 else check}"


def person_name(rng: random.Random) -> tuple[str, str]:
    return rng.choice(FORENAMES), rng.choice(SURNAMES)


def postcode(rng: random.Random, stem: str) -> str:
    return f"{stem}{rng.choice(_LAST)}{rng.choice(_LAST)}"
