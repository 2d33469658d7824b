"""A surname by itself: withheld where it can be nobody and nothing else, and no word of the house with it."""

import html
import json
import re
from datetime import date
from pathlib import Path

import pytest

from mobilisation.models import Organisation, RoleAssignment
from mobilisation.veil.alone import is_word
from mobilisation.veil.reader import Hidden
from mobilisation.veil.words import NAME, Identifiers, veil_over
from reporting.position.veiled import veiled_text
from tests.factories import ground, people

LISTED = tuple(Identifiers(name, "Xanthe", "", "") for name in ("Whitcombe", "Jones", "O'Brien", "Patel-Nash", "Brown", "Young", "Lewis", "Ng", "Woods", "Børresen", "Green", "Page", "Parkinson"))
ROOT = Path(__file__).parents[2]
OFTEN = re.findall(r"\w+", """Smith Jones Taylor Brown Williams Wilson Johnson Davies Patel Robinson Wright Thompson Evans Walker White Roberts Green Hall Thomas Clarke Jackson Wood Harris Edwards Turner Martin Cooper Hill Ward Hughes Moore Clark King
Harrison Lewis Baker Lee Allen Morris Khan Scott Watson Davis Parker James Bennett Young Phillips Richardson Mitchell Bailey Carter Cook Singh Shaw Bell Collins Morgan Kelly Begum Miller Cox Hussain Marshall Simpson Price Anderson Adams
Wilkinson Foster Ali Ellis Murphy Chapman Mason Gray Richards Webb Rogers Hunt Mills Palmer Holmes Kaur Campbell Barnes Knight Lloyd Butler Russell Fisher Barker Stevens Jenkins Dixon Fletcher Hunter Reynolds Page Day May March Board
Best Post Gate Bridge Church Field Fields Marsh Moss Banks Rivers Waters Wells Street Lane Park Parks Close Long Short Small Little Rich Sharp Bright Good Love Joy Hope Grant Case Cross Church Bishop Pope Abbott Dean Noble Major Law
Workman Freeman Newman Goodman Nurse Read Reading Rule Self Speed Start Strong Swift Tanner Temple Way West East North South Winter Summers Wise Wave Waves Lead Leader Check Early Late Penny Pound Money Bond Trust Reason Power Plan""")


@pytest.mark.parametrize(("text", "shown"), [
    ("Whitcombe declined the visit", f"{NAME} declined the visit"),
    ("Told Whitcombe; jones too", f"Told {NAME}; {NAME} too"),
    ("WHITCOMBE", NAME),
    ("Call Jones on Monday", f"Call {NAME} on Monday"),
    ("Jones Monday, Jones NHS, Jones Declined", f"{NAME} Monday, {NAME} NHS, {NAME} Declined"),
    ("O'Brien's key safe; OBrien", f"{NAME}'s key safe; {NAME}"),
    ("Patel-Nash moves, Patel moves, Nash moves", f"{NAME} moves, {NAME} moves, {NAME} moves"),
    ("Ask Brown on Tuesday, and Woods after", f"Ask {NAME} on Tuesday, and {NAME} after"),
    ("visits for Young start", f"visits for {NAME} start"),
    ("Gladys & Whitcombe", f"Gladys & {NAME}"),
    ("Borresen moved; ring Ng", f"{NAME} moved; ring {NAME}"),
    ("Mark Jones", f"Mark {NAME}"),
    ("Young declined. Brown rang; Woods wants a later visit", f"{NAME} declined. {NAME} rang; {NAME} wants a later visit"),
    ("Whitcombe, Jones and Ng", f"{NAME}, {NAME} and {NAME}"),
])
def test_what_can_be_nobody_else_is_withheld(text, shown):
    assert veil_over(LISTED, [text])(text) == shown
    assert veil_over(LISTED, None)(text) == shown


@pytest.mark.parametrize("text", [
    "Jones Homecare, Jones Ltd and Jones & Sons", "Davinia Jones, D. Jones", "Lewis Okafor rang", "Whitcombe Road and Whitcombe Court", "jones@council.example", "the NG tube; NASH", "Brown bread; brown, young people; the Young; Young carers",
    "status Green; turned Green; on Page 3; see Page", "In the woods; The Woods", "Parkinson disease", "Parkinson's disease", "Coastal and Woods", "4 Woods", "Green declined by two steps; Page moved", "Woods are closed", "Young People Board; for Young People",
])
def test_what_may_be_somebody_or_something_else_stands(text):
    assert veil_over(LISTED, [text])(text) == text
    assert veil_over(LISTED, None)(text) == text


def test_words_and_names_are_told_apart():
    assert [word for word in ("smith", "woods", "told", "rivers", "jones", "whitcombe", "davies", "thompson", "patel") if is_word(word)] == ["smith", "woods", "told", "rivers"]


def _texts_of_the_house():
    for path in sorted(ROOT.glob("templates/**/*.html")) + sorted(ROOT.glob("*/templates/**/*.html")):
        for part in re.split(r"<[^>]*>|{[{%#].*?[#%}]}", path.read_text(), flags=re.DOTALL):
            if part.strip():
                yield " ".join(html.unescape(part).split())
    for path in sorted(ROOT.glob("workstreams/**/*.json")) + sorted(ROOT.glob("mobilisation/**/*.json")):
        yield from _strings(json.loads(path.read_text()))


def _strings(value):
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for item in value.values() if isinstance(value, dict) else value:
            yield from _strings(item)


def test_no_word_of_the_house_is_withheld_whatever_somebody_is_called():
    texts = list(_texts_of_the_house())
    veil = veil_over([Identifiers(name, "Xanthe", "", "") for name in OFTEN], texts)
    assert len(texts) > 2000
    assert [(text, veil(text)) for text in texts if veil(text) != text] == []


@pytest.mark.django_db
def test_a_surname_the_reader_knows_somebody_else_by_stands(django_assert_num_queries):
    programme = ground.provider_exit("ALONE")
    for surname in ("Whitcombe", "Ferreira", "Lomax", "Ncube"):
        people.person(programme, forename="Xanthe", surname=surname)
    board, lead = ground.user_in("BM", programme), ground.user_in("WL", programme)
    lead.name = "Hanna Ferreira"
    lead.save()
    RoleAssignment.objects.create(programme=programme, role="PO", named="Ruth Ncube", starts_on=date(2020, 1, 1))
    Organisation.objects.create(name="Lomax", kind="provider")
    text = "Whitcombe waits; Ferreira, Lomax and Ncube ring Whitcombe"
    shown = f"{NAME} waits; Ferreira, Lomax and Ncube ring {NAME}"
    hidden = Hidden.from_(board, programme)
    with django_assert_num_queries(5):
        assert hidden.veil([text])(text) == shown
    assert veiled_text(text, programme) == shown
