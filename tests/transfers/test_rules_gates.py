"""C01–C20 as the table of domain 5.2; no database."""

import pytest

from transfers.rules import gates

DONE = "done"


def settled(*codes):
    return dict.fromkeys(codes, DONE)


def upto(number):
    return settled(*(f"C{n:02d}" for n in range(1, number + 1)))


NEEDS = {
    "C01": "", "C02": "C01", "C03": "C01", "C04": "C02", "C05": "C02", "C06": "C04", "C07": "C03", "C08": "C07", "C09": "C03", "C10": "C09", "C11": "C06 C08 C09", "C12": "C09 C11",
    "C13": "C06", "C14": "C01 C02 C03 C04 C05 C06 C07 C08 C09 C10 C11 C12", "C15": "C14", "C16": "C15", "C17": "C10 C15", "C18": "C15", "C19": "C16", "C20": "C15 C16 C17 C18 C19",
}


@pytest.mark.parametrize(("code", "needs"), NEEDS.items())
def test_every_checkpoint_lists_everything_missing_at_once(code, needs):
    assert gates.missing(code, {}) == needs.split()


@pytest.mark.parametrize("code", NEEDS)
def test_a_checkpoint_whose_needs_are_settled_misses_nothing(code):
    assert gates.missing(code, settled(*NEEDS[code].split())) == []


@pytest.mark.parametrize(("state", "open_"), [("waived", False), ("not_applicable", False), ("paused", True), ("reopened", True), ("in_progress", True), ("not_started", True)])
def test_only_done_waived_and_not_applicable_open_a_gate(state, open_):
    assert gates.missing("C02", {"C01": state}) == (["C01"] if open_ else [])


def test_in_an_emergency_the_orders_may_follow():
    states = upto(12) | {"C10": "not_started"}
    assert gates.missing("C14", states) == ["C10"]
    assert gates.missing("C14", states, pace="emergency") == []


MARKS = {
    "C01": "OL MT DA ASM CM PO TA", "C02": "OL MT DA ASM CM PO TA", "C03": "OL ASM CM", "C04": "OL CL CO CM", "C05": "OL CL CO CM", "C06": "OL CM", "C07": "OL CM", "C08": "OL CM",
    "C09": "OL PO CO CL", "C10": "OL PO TA", "C11": "OL TA CO", "C12": "OL IP MT ASM CM PO TA", "C13": "OL XP MT ASM CM PO TA", "C14": "OL ASM", "C15": "OL IP MT ASM CM PO TA",
    "C16": "OL MT ASM CM PO TA", "C17": "OL DA TA", "C18": "OL IP QL", "C19": "OL CM", "C20": "OL",
}


@pytest.mark.parametrize(("code", "roles"), MARKS.items())
def test_who_marks_what(code, roles):
    everyone = ["SRO", "BCH", "BM", "ML", "MLD", "DL", "CL", "OL", "CO", "MT", "ASM", "CM", "PO", "TA", "XP", "IP", "QL", "WL", "DA", "WSL", "COM", "FIN", "PRO", "LEG", "CMS", "EPO", "IGO", "CG", "ADM"]
    assert {role for role in everyone if gates.may_mark(code, frozenset({role}))} == set(roles.split())


def test_the_safety_check_of_a_red_person_is_the_case_managers():
    assert {role for role in ("MT", "ASM", "CM", "PO", "TA", "OL", "QL") if gates.may_mark("C16", frozenset({role}), priority="R")} == {"CM", "OL"}


def test_what_may_be_marked_for_many_and_never_waived():
    assert [c.code for c in gates.CHECKPOINTS if c.bulk] == ["C01", "C02", "C04", "C05", "C10", "C11", "C17"]
    assert [c.code for c in gates.CHECKPOINTS if not c.waivable] == ["C06", "C14", "C15", "C16"]
    assert [c.code for c in gates.CHECKPOINTS if c.not_applicable] == ["C05", "C13"]


@pytest.mark.parametrize(
    ("number", "status"),
    [(1, "listed"), (2, "listed"), (3, "rated"), (4, "informed"), (9, "allocated"), (13, "allocated"), (14, "ready"), (15, "transferred"), (17, "transferred"), (18, "settled"), (20, "closed")],
)
def test_the_status_is_the_furthest_reached(number, status):
    assert gates.status_of(upto(number)) == status


def test_undoing_c09_reaches_everything_that_hung_on_it():
    assert gates.dependants("C09") == ["C10", "C11", "C12", "C14", "C15", "C16", "C17", "C18", "C19", "C20"]


def test_who_may_waive():
    def ask(code, roles, **more):
        return gates.may_waive(code, frozenset(roles), **({"asked": False} | more))

    assert ask("C15", {"OL", "CL"}) == "C15 First visit delivered can never be waived."
    assert ask("C08", {"CL"}) == "Only the lead operational manager (OL) may waive a checkpoint."
    assert ask("C08", {"OL"}, asked=True) == "The waiver of C08 waits for the lead commissioning manager (CL)."
    assert ask("C08", {"OL"}) == ask("C08", {"CL"}, asked=True) == ""


@pytest.mark.parametrize(("roles", "pace", "exit_type", "waits"), [
    ({"OL"}, "planned", "planned", True), ({"OL"}, "compressed", "planned", True), ({"OL", "CL"}, "planned", "planned", False), ({"OL"}, "emergency", "planned", False),
    ({"OL"}, "planned", "enforced", False), ({"OL"}, "planned", "emergency", False),
])
def test_when_a_waiver_waits_for_the_cl(roles, pace, exit_type, waits):
    assert gates.needs_cl(frozenset(roles), pace=pace, exit_type=exit_type) is waits


def test_the_next_step_in_hospital_is_one_that_may_go_on():
    marked = dict.fromkeys(("C01", "C02", "C03", "C04", "C05", "C06"), "done")
    assert gates.next_open(marked) == "C07"
    assert gates.next_open(marked, in_hospital=True) == "C09"
    assert gates.next_open(dict.fromkeys(gates.CODES, "done"), in_hospital=True) == ""
