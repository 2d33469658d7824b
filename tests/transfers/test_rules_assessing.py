"""What stands behind C04, C07 and C08, without a database."""

import pytest

from transfers.rules import assessing

ALL_IN = dict.fromkeys((key for key, _ in assessing.HEADINGS), "in")


def test_an_assessment_has_both_parts_and_says_who_took_part():
    assert [name for name, _ in assessing.assessment_lacks(" ", "", [])] == ["needs", "impact", "assessors"]
    assert [name for name, _ in assessing.assessment_lacks("Hoist", "", ["nursing"])] == ["impact"]
    assert assessing.assessment_lacks("Hoist", "New faces frighten her", ["case_manager"]) == []


def test_a_current_plan_speaks_of_ten_headings():
    assert len(assessing.HEADINGS) == 10
    assert assessing.plan_lacks({}) == [title for _, title in assessing.HEADINGS]
    assert assessing.plan_lacks(ALL_IN) == []
    assert assessing.plan_lacks(ALL_IN | {"diet": "not_needed"}) == []
    assert assessing.plan_lacks(ALL_IN | {"diet": "", "medication": "perhaps"}) == ["Diet", "Medication"]


def test_three_decide_together_how_somebody_is_told():
    assert assessing.telling_lacks("Daughter tells her, with pictures", ["team", "provider", "case_manager"]) == []
    assert assessing.telling_lacks("", ["team"]) == [
        ("how", "Write how the person is told, and by whom."),
        ("deciders", "The mobilisation team, the provider and the case manager decide together. Still to agree: provider, case manager."),
    ]


@pytest.mark.parametrize(("flag", "decided", "waits"), [(True, False, True), (True, True, False), (False, False, False), (None, False, False)])
def test_only_cognitive_impairment_or_learning_disability_waits(flag, decided, waits):
    assert bool(assessing.waits_for_decision(flag, decided)) is waits


@pytest.mark.parametrize(("code", "known", "offered", "waits"), [("C08", False, False, True), ("C08", False, True, False), ("C08", True, False, False), ("C08", None, False, False), ("C07", False, False, False)])
def test_a_plan_of_somebody_unknown_is_not_waived_before_an_assessment_was_offered(code, known, offered, waits):
    assert bool(assessing.waiver_waits(code, known, offered)) is waits
