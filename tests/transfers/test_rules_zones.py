"""The map of zones from people and offers: nobody is counted twice, an area in two zones is told."""

from decimal import Decimal

from transfers.rules.zones import Member, Offer, zone_map


def who(zone="Coastal", msoa="E02005005", hours=10, moved=False, leaves="Meadowgate", comes=""):
    return Member(zone, msoa, None if hours is None else Decimal(hours), moved, leaves, comes)


def test_a_zone_says_who_lives_there_who_leaves_and_who_comes():
    found = zone_map([who(), who(hours=3, moved=True, comes="Bluebell"), who(hours=None, comes="Bluebell"), who(msoa="E02005009", comes="Seasalter", leaves="")], [])
    (zone,) = found.zones
    assert (zone.name, zone.people, zone.to_move, zone.hours, zone.unknown) == ("Coastal", 4, 3, 23, 1)
    assert (zone.leaving, zone.coming) == ((("Meadowgate", 2),), (("Bluebell", 2), ("Seasalter", 1)))
    assert [(one.code, one.people, one.to_move, one.hours, one.elsewhere) for one in zone.places] == [("E02005005", 3, 2, 13, ()), ("E02005009", 1, 1, 10, ())]
    assert (found.people, found.split, found.without_zone, found.without_msoa) == (4, [], 0, 0)


def test_two_spellings_of_one_zone_are_one_under_the_name_used_most():
    found = zone_map([who("coastal "), who("Coastal"), who("Coastal")], [Offer("Bluebell", "COASTAL", Decimal(40), Decimal(10), Decimal(0))])
    assert [(zone.name, zone.people, [offer.provider for offer in zone.offers]) for zone in found.zones] == [("Coastal", 3, ["Bluebell"])]


def test_an_area_in_two_zones_is_told_in_both_and_people_without_a_zone_come_last():
    found = zone_map([who("Marsh"), who("Coastal"), who(""), who("", msoa="")], [])
    assert [(zone.name, [(place.code, place.elsewhere) for place in zone.places]) for zone in found.zones] == [
        ("Coastal", [("E02005005", ("Marsh", "no zone"))]), ("Marsh", [("E02005005", ("Coastal", "no zone"))]), ("", [("E02005005", ("Coastal", "Marsh")), ("", ())]),
    ]
    assert (found.split, found.without_zone, found.without_msoa) == (["E02005005"], 2, 1)


def test_a_zone_that_only_a_provider_names_stands_there_and_any_zone_apart():
    offers = [Offer("Seasalter", "", Decimal(5), Decimal(5), Decimal(0)), Offer("Bluebell", "Inland", Decimal(0), Decimal(0), Decimal(40))]
    found = zone_map([who()], offers)
    assert [(zone.name, zone.people, [offer.hoped for offer in zone.offers]) for zone in found.zones] == [("Coastal", 1, []), ("Inland", 0, [Decimal(40)])]
    assert [offer.provider for offer in found.anywhere] == ["Seasalter"]
