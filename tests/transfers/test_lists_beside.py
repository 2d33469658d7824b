"""The tracker compared with itself, and every list at once: who is missing from which."""

import pytest
from django.urls import reverse

from mobilisation.access import Actor
from mobilisation.clock import today
from mobilisation.errors import Refused
from mobilisation.models import AccessLog
from mobilisation.services.imports import import_file
from tests.factories import people, workbooks
from transfers.models import ListFinding, PersonTransfer
from transfers.services import lists
from transfers.services import people as services

pytestmark = pytest.mark.django_db
OPERATOR = Actor.operator()


def take(programme, source, *rows):
    outcome = import_file(f"list-{source}", programme, OPERATOR, workbooks.xlsx(("List", [["Client", "NHS Number", "D.O.B", "Post code"], *map(list, rows)])), "list.xlsx")
    assert outcome.ok, outcome.summary["errors"]


class TestTrackerItself:
    """One person listed twice under two numbers of nobody, or none."""

    @pytest.fixture
    def twins(self, programme):
        return [people.person(programme, surname=name, forename="Margaret", date_of_birth="1940-03-03", postcode="CT5 1AR", case_system_id=case) for name, case in (("Hartley", "A1"), ("Hartly", "A2"))]

    def find(self, programme):
        lists.compare_tracker(programme, actor=OPERATOR)
        return list(ListFinding.objects.filter(source="tracker", resolution=""))

    def test_rows_that_may_be_one_person_are_found_once(self, programme, twins):
        people.person(programme, surname="Hartley", forename="John", date_of_birth="1940-03-03", postcode="CT5 1AR")
        people.person(programme, surname="Hartley", forename="Margaret", date_of_birth="1971-11-30", postcode="ME4 4AA")
        finding, = self.find(programme)
        assert (finding.kind, {finding.person.public_id, finding.other_key}, finding.by) == ("twice", {person.public_id for person in twins}, "name, date of birth and postcode")
        assert (self.find(programme), ListFinding.objects.count()) == ([finding], 1)

    def test_two_nhs_numbers_are_two_people(self, programme, twins):
        for person, number in zip(twins, ("9990000018", "9990000026"), strict=True):
            PersonTransfer.objects.filter(pk=person.pk).update(nhs_number=number)
        assert self.find(programme) == []

    def test_one_person_leaves_once_with_an_ending_and_two_stay_two(self, programme, twins):
        finding, = self.find(programme)
        with pytest.raises(Refused, match="Choose one of the answers"):
            lists.resolve(finding, "list_wrong", actor=OPERATOR, reason="no")
        with pytest.raises(Refused, match="Record the ending"):
            lists.resolve(finding, "ended", actor=OPERATOR, reason="the same person")
        with pytest.raises(Refused, match="nobody leaves the list without a reason"):
            services.end(twins[1], "withdrawn", actor=OPERATOR, on=today(), why=" ")
        services.end(twins[1], "withdrawn", actor=OPERATOR, on=today(), why="listed twice")
        lists.resolve(finding, "ended", actor=OPERATOR, reason="rang: one person")
        assert self.find(programme) == []

    def test_an_answer_that_they_are_two_stands(self, programme, twins):
        finding, = self.find(programme)
        lists.resolve(finding, "different", actor=OPERATOR, reason="sisters-in-law, seen both")
        assert self.find(programme) == []
        finding.refresh_from_db()
        assert finding.resolution == "different"

    def test_the_page_shows_both_rows_side_by_side(self, programme, twins, sign_in):
        finding, = self.find(programme)
        client = sign_in("MT", programme)
        page = client.get(reverse("transfers:lists", args=[programme.ref]) + "?source=tracker").content.decode()
        assert ("Hartley, Margaret" in page, "Hartly, Margaret" in page, "<strong>1</strong>" in page) == (True, True, True)
        answer = client.get(reverse("transfers:finding", args=[programme.ref, finding.public_id]))
        assert [(side["ours"], side["theirs"]) for side in answer.context["sides"] if side["title"] == "Surname"] in ([("Hartley", "Hartly")], [("Hartly", "Hartley")])
        assert "The page of the second row" in answer.content.decode()


class TestBeside:
    @pytest.fixture
    def three(self, programme):
        """Ng is everywhere, Oh is not on the provider's list, Pike on none; Yates stands on two lists and not here."""
        for name, number in (("Ng", "9990000018"), ("Oh", "9990000026"), ("Pike", "9990000034")):
            people.person(programme, surname=name, forename="Ann", nhs_number=number)
        yates = ["Yates, Pauline", "9990000042", "03/03/1940", "CT5 2AA"]
        take(programme, "council", ["Ng, Ann", "9990000018", "", ""], ["Oh, Ann", "9990000026", "", ""], yates)
        take(programme, "exiting", ["Ng, Ann", "9990000018", "", ""], yates, ["Zed, Tom", "", "01/01/1950", "ME1 1AA"])

    def show(self, client, programme, which=""):
        answer = client.get(reverse("transfers:lists-beside", args=[programme.ref]) + (f"?show={which}" if which else ""))
        return answer, [(row["name"], [place["state"] for place in row["places"]]) for row in answer.context["rows"]]

    def test_which_list_lacks_whom(self, programme, three, sign_in):
        client = sign_in("MT", programme)
        answer, rows = self.show(client, programme)
        assert rows == [("Oh, Ann", ["on", "off", "none"]), ("Pike, Ann", ["off", "off", "none"])]
        assert {counter.label: counter.count for counter in answer.context["counters"]} == {
            "Not on every list": 2, "Not on: Council's case system": 1, "Not on: Exiting provider's list": 2, "Not on the tracker": 2, "Everybody": 3,
        }
        assert self.show(client, programme, "council")[1] == [("Pike, Ann", ["off", "off", "none"])]
        assert self.show(client, programme, "all")[1][0] == ("Ng, Ann", ["on", "on", "none"])
        assert self.show(client, programme, "theirs")[1] == [("Yates, Pauline", ["on", "on", ""]), ("Zed, Tom", ["", "on", ""])], "on two lists is one person"
        assert AccessLog.objects.filter(subject="lists side by side").count() == 4

    def test_a_reference_means_nothing_on_another_list(self, programme, sign_in):
        people.person(programme)
        for source, name in (("council", "Ash, Eve"), ("billing", "Birch, Max")):
            data = workbooks.xlsx(("List", [["Client", "Ref"], [name, "77"]]))
            assert import_file(f"list-{source}", programme, OPERATOR, data, "list.xlsx").ok
        assert self.show(sign_in("MT", programme), programme, "theirs")[1] == [("Ash, Eve", ["on", "", ""]), ("Birch, Max", ["", "", "on"])]

    def test_who_came_after_the_comparison_is_not_called_missing_or_there(self, programme, three, sign_in):
        people.person(programme, surname="Quill", forename="Ann")
        assert self.show(sign_in("MT", programme), programme, "all")[1][-1] == ("Quill, Ann", ["newer", "newer", "none"])

    @pytest.mark.parametrize("count", [1, 60])
    @pytest.mark.parametrize("which", ["", "theirs"])
    def test_the_page_costs_the_same_for_one_and_for_many(self, programme, sign_in, count, which, django_assert_num_queries):
        for _ in range(count):
            people.person(programme)
        take(programme, "exiting", *[[f"Yates{n}, Pauline", "", "03/03/1940", "CT5 2AA"] for n in range(count)])
        client = sign_in("MT", programme)
        self.show(client, programme, which)
        with django_assert_num_queries(COST):
            _, rows = self.show(client, programme, which)
        assert len(rows) == min(count, 50)

    @pytest.mark.parametrize("role", ["XP", "IP", "BM", "FIN"])
    def test_no_provider_reads_whole_lists(self, programme, three, sign_in, role):
        assert sign_in(role, programme).get(reverse("transfers:lists-beside", args=[programme.ref])).status_code == 404


COST = 14
