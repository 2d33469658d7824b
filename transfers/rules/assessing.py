"""What an assessment, a care and support plan, and the decision how somebody is told must hold (domain 5.2, 5.15). Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping

HEADINGS: tuple[tuple[str, str], ...] = (
    ("communication", "Communication"),
    ("personal_care", "Personal care"),
    ("continence", "Continence"),
    ("views", "Views of carers and relatives"),
    ("likes", "Likes and dislikes"),
    ("mental_health", "Mental and emotional health"),
    ("diet", "Diet"),
    ("religion", "Religion and culture"),
    ("medication", "Medication"),
    ("social", "Social life and surroundings"),
)
"""What a current care and support plan speaks of."""

ASSESSORS: tuple[tuple[str, str], ...] = (
    ("case_manager", "Case manager"),
    ("nursing", "Nursing"),
    ("learning_disability", "Learning disability specialist"),
    ("psychiatric_nurse", "Community psychiatric nurse"),
    ("therapist", "Therapist"),
    ("sensory", "Sensory specialist"),
    ("specialist_nurse", "Specialist nurse"),
    ("imca", "Independent mental capacity advocate (IMCA)"),
    ("mental_health_trust", "Mental health trust"),
)

DECIDERS: tuple[tuple[str, str], ...] = (("team", "Mobilisation team"), ("provider", "Provider"), ("case_manager", "Case manager"))
"""Who decides together how somebody with cognitive impairment or a learning disability is told."""


def assessment_lacks(needs: str, impact: str, assessors: Collection[str]) -> list[tuple[str, str]]:
    """[(field, words)] of what C07 still wants: the needs *and* the impact of the change, and who assessed."""
    found = []
    if not needs.strip():
        found.append(("needs", "Write the needs and risks that were found."))
    if not impact.strip():
        found.append(("impact", "Write what the exit and the change of provider mean for this person."))
    if not assessors:
        found.append(("assessors", "Choose who took part in the assessment."))
    return found


def plan_lacks(headings: Mapping[str, str]) -> list[str]:
    """Titles of the headings a current plan does not speak of; each is “in” the plan or “not_needed”."""
    return [title for key, title in HEADINGS if headings.get(key) not in {"in", "not_needed"}]


def telling_lacks(how: str, deciders: Collection[str]) -> list[tuple[str, str]]:
    """[(field, words)] of what the individual decision still wants: how, and all three who decide it."""
    found = [] if how.strip() else [("how", "Write how the person is told, and by whom.")]
    absent = [title for key, title in DECIDERS if key not in deciders]
    if absent:
        found.append(("deciders", "The mobilisation team, the provider and the case manager decide together. Still to agree: " + ", ".join(title[0].lower() + title[1:] for title in absent) + "."))
    return found


def waits_for_decision(cognitive_or_ld: bool | None, decided: bool) -> str:
    """Why C04 waits, or ""."""
    if cognitive_or_ld and not decided:
        return "With cognitive impairment or a learning disability, how the person is told is decided one by one. Record that decision first."
    return ""


def waiver_waits(code: str, known_to_council: bool | None, offered: bool) -> str:
    """Why a waiver waits, or "": somebody unknown to the council is entitled to an assessment, so C08 is not left out before it was offered."""
    if code == "C08" and known_to_council is False and not offered:
        return "This person is not known to the council. Record the offer of an assessment, or of information, advice and advocacy, first."
    return ""
