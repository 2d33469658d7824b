"""Names and numbers of people on the list in what somebody typed: taken out where the position is built, whoever reads it."""

from __future__ import annotations

import html
import io
import time
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from mobilisation.access import Actor
from mobilisation.models import Action, Decision, Meeting, User
from mobilisation.pdf import pdf_available
from mobilisation.veil.reader import Hidden
from mobilisation.veil.texts import page_under, words_of_page
from mobilisation.veil.words import ADDRESS, DATE, NAME, NUMBER, Identifiers, fold, veil_over
from reporting.documents import html as documents
from reporting.models import BoardPack, WeeklySnapshot
from reporting.position import from_json, position, withheld
from reporting.services import overrides, packs, snapshots, weekly
from tests.factories import ground, people
from tests.factories import risks as register
from tests.factories import workstreams as plan
from transfers.facts.people import identifiers
from transfers.models import PersonContact

DAY = date(2027, 3, 15)
MARY = Identifiers("O'Brien", "Mary-Anne", "9990000018", "LAS-00123")
JOSE = Identifiers("Núñez Pérez", "José", "", "SW100001")
PLAIN = Identifiers("Whitcombe", "Gladys", "9990000026", "1234")


def said(text: str, *people: Identifiers) -> str:
    return veil_over(people or (MARY, JOSE, PLAIN), [text])(text)


@pytest.mark.parametrize(("text", "shown"), [
    ("Ask Gladys Whitcombe about keys", f"Ask {NAME} about keys"),
    ("GLADYS  WHITCOMBE's keys", f"{NAME}'s keys"),
    ("whitcombe, gladys: keys", f"{NAME}: keys"),
    ("Whitcombe,Gladys", NAME),
    ("Gladys\nWhitcombe; Gladys Whitcombe", f"{NAME}; {NAME}"),
    ("mary anne o’brien and O'Brien, Mary-Anne", f"{NAME} and {NAME}"),
    ("Jose Nunez-Perez; NÚÑEZ PÉREZ, JOSÉ", f"{NAME}; {NAME}"),
    ("Jose\u0301 Nu\u0301n\u0303ez Pe\u0301rez", NAME),
    ("NHS 9990000018, 999 000 0026.", f"NHS {NUMBER}, {NUMBER}."),
    ("999-000-0018 of 9 9 9 0 0 0 0 0 2 6", f"{NUMBER} of {NUMBER}"),
    ("5 999 000 0018", f"5 {NUMBER}"),
    ("las-00123 and SW100001/2", f"{NUMBER} and {NUMBER}/2"),
    ("Whitcombe Gladys; Gladys M Whitcombe; Gladys M. J. Whitcombe", f"{NAME}; {NAME}; {NAME}"),
    ("Mrs Whitcombe, Miss. G. M. Whitcombe, MR WHITCOMBE", f"{NAME}, {NAME}, {NAME}"),
    ("G Whitcombe; G. M. Whitcombe; Whitcombe, G.; Whitcombe G", f"{NAME}; {NAME}; {NAME}.; {NAME}"),
    ("Mary OBrien, Maryanne OBrien, Mr OBrien, Mrs O'Brien, M O’Brien", f"{NAME}, {NAME}, {NAME}, {NAME}, {NAME}"),
    # Nobody is named here.
    ("Gladys and the Whitcombes; Whitcombe rang", f"Gladys and the {NAME}; {NAME} rang"),
    ("Mrs Whitcombes, Mrs. Gladys", f"Mrs {NAME}, Mrs. Gladys"),
    ("H Whitcombe, Whitcombe H", "H Whitcombe, Whitcombe H"),
    ("g Whitcombe", f"g {NAME}"),
    ("Gladys Whitcombes, Gladyse Whitcombe", "Gladys Whitcombes, Gladyse Whitcombe"),
    ("Gladys; Whitcombe; Gladys: Whitcombe", f"Gladys; {NAME}; Gladys: {NAME}"),
    ("19990000018 and 99900000181", "19990000018 and 99900000181"),
    ("9990000034 is nobody's", "9990000034 is nobody's"),
    ("In 1234 days", "In 1234 days"),
    ("XSW100001", "XSW100001"),
    ("", ""),
])
def test_what_names_somebody_is_withheld_and_nothing_else(text, shown):
    assert said(text) == shown


def test_the_longer_name_goes_as_a_whole():
    short, long = Identifiers("Rose", "Mary", "", ""), Identifiers("Rose Green", "Mary", "", "")
    assert said("Mary Rose Green came", short, long) == f"{NAME} came"
    assert said("Mary Rose came", short, long) == f"{NAME} came"


def test_a_letter_that_is_a_word_names_nobody_before_a_colour():
    ann = Identifiers("Green", "Ann", "", "")
    assert said("Now a Green step. A Green step; make green a rule", ann) == "Now a Green step. A Green step; make green a rule"
    assert said("A. Green rang, Mrs Green too", ann) == f"{NAME} rang, {NAME} too"


def test_one_of_whom_only_one_name_is_known_is_no_full_name():
    assert said("Whitcombe came to Whitcombe House", Identifiers("Whitcombe", "", "", "")) == "Whitcombe came to Whitcombe House"


WORDS = st.text(alphabet="abcdeéñ", min_size=1, max_size=6)
NAMES = st.builds(lambda parts, joint: joint.join(parts), st.lists(WORDS, min_size=1, max_size=2), st.sampled_from([" ", "-", "'"]))
AROUND = st.text(alphabet=" .,;:()\n0129xyzXYZ", max_size=15)


@given(st.lists(st.builds(Identifiers, NAMES, NAMES, st.just(""), st.just("")), min_size=1, max_size=6), AROUND, AROUND, st.booleans(), st.sampled_from([str, str.upper, str.title]))
def test_a_full_name_never_comes_through(known, before, after, turned, case):
    one = known[0]
    name = case(f"{one.surname}, {one.forename}" if turned else f"{one.forename} {one.surname}")
    text = f"{before} {name} {after}"
    shown = veil_over(known, [text])(text)
    assert NAME in shown
    plain = tuple(fold(word) for word in (one.forename, one.surname))
    assert " ".join(plain) not in fold(shown.replace(NAME, "|"))
    assert veil_over(known, [shown])(shown) == shown


@given(st.lists(st.builds(Identifiers, NAMES, NAMES, st.just(""), st.just("")), max_size=6), st.text(alphabet="uvwxyz ,.-'0123456789\n", max_size=80))
def test_a_text_without_a_name_stays_as_it_was(known, text):
    assert veil_over(known, [text])(text) == text


@given(st.text(alphabet=" .,;x", max_size=8), st.sampled_from(["", " ", "-", "."]), st.text(alphabet=" .,;x", max_size=8))
def test_a_number_in_any_grouping_never_comes_through(before, gap, after):
    text = f"{before}{gap.join(MARY.nhs_number)}{after}"
    shown = veil_over([MARY], [text])(text)
    assert shown == f"{before}{NUMBER}{after}"


@pytest.mark.parametrize("joint", ["", "-"])
def test_ten_thousand_people_are_looked_through_quickly(joint):
    known = [
        Identifiers(f"Sur{joint}{n:05d}", f"Fore{n:05d} Ask", f"{9990000000 + n}", f"SW{n:06d}", f"01632 {n:06d}", f"{n} Rota Road, Ashford", f"TN{n % 30} {n % 9}QQ", f"Daughter: Ask Kin{n:05d}", f"19{n % 60 + 10}-03-02") for n in range(10_000)
    ]
    texts = [f"Action {n}: ask the agency about rota {n} before Friday" for n in range(300)] + ["Fore00007 Sur00007 has moved"]
    start = time.process_time()
    veil = veil_over(known, texts)
    shown = [veil(text) for text in texts]
    assert time.process_time() - start < 1
    assert (shown[:-1], shown[-1]) == (texts[:-1], f"{NAME} has moved")


PUBLISHED = {"status": "published", "approved_at": datetime(2027, 3, 15, 9, tzinfo=UTC), "approved_as": "BCH", "published_at": datetime(2027, 3, 15, 9, tzinfo=UTC), "published_as": "ML"}
CANARY = "Zyxcanary Quellbird"


@pytest.fixture
def _monday(settings, tmp_path):
    settings.FILES_DIR = tmp_path
    with time_machine.travel("2027-03-15 10:00", tick=False):
        yield


@pytest.fixture
def named(_monday):
    """A programme on which the name of somebody on the list stands in everything that people type in."""
    programme = ground.provider_exit("VEIL")
    people.person(programme, forename="Zyxcanary", surname="Quellbird", nhs_number="9990000018", case_system_id="SW123456")
    people.person(programme, forename="Ruth", surname="Calloway")
    meeting = Meeting.objects.create(programme=programme, kind="board", at=datetime(2027, 3, 12, 9, tzinfo=UTC))
    Action.objects.create(programme=programme, meeting=meeting, text=f"Call the family of {CANARY}", due=DAY - timedelta(days=1), owner_name="Ruth Calloway")
    Action.objects.create(programme=programme, meeting=meeting, text="Fetch the keys", due=DAY, owner_name=f"Sister of {CANARY}")
    User.objects.create_user("ruth@example.org", name="Ruth Calloway")
    Decision.objects.create(programme=programme, meeting=meeting, text="May Quellbird, Zyxcanary stay?", rationale="NHS 999 000 0018", needed_by=DAY)
    risk = register.risk(programme, 5, 5, event=f"{CANARY} loses the carer", unsafe_go_live=True)
    register.issue(programme, "SW123456 has no key")
    register.opportunity(programme, title=f"{CANARY} moves early", benefit="Less travel")
    step = plan.step(programme, "A1", title=f"Visit {CANARY}", baseline=DAY + timedelta(days=4), is_milestone=True)
    overrides.state(programme, position(programme, DAY), subject="people", stated="R", reason=f"{CANARY} is not settled", actor=ground.actor("SRO", programme))
    assert (risk.pk, step.pk) != (None, None)
    return programme


def hidden_in(text: str) -> bool:
    return not any(told in text for told in ("Zyxcanary", "Quellbird", "999 000 0018", "9990000018", "SW123456"))


@pytest.mark.django_db
def test_the_position_names_nobody_on_the_list_and_everybody_who_answers(named):
    found = position(named, DAY)
    assert [(row.text, row.owner) for row in found.board.actions] == [(f"Call the family of {NAME}", "Ruth Calloway"), ("Fetch the keys", f"Sister of {NAME}")]
    assert [(row.text, row.rationale) for row in found.board.decisions_needed] == [(f"May {NAME} stay?", f"NHS {NUMBER}")]
    assert [row.title for row in found.risks.top] == [f"{NAME} loses the carer"]
    assert [row.title for row in found.risks.issues] == [f"{NUMBER} has no key"]
    assert found.dimension("people").stated_reason == f"{NAME} is not settled"
    assert hidden_in(str(found))
    assert withheld(found) == (
        f"{NAME} is not settled", f"Visit {NAME}", f"{NAME} loses the carer", f"{NUMBER} has no key", f"{NAME} moves early", f"May {NAME} stay?", f"NHS {NUMBER}", f"Call the family of {NAME}", f"Sister of {NAME}",
    )


@pytest.mark.django_db
@pytest.mark.parametrize("role", ["BM", "COM"])
def test_no_dashboard_pack_or_answer_shows_the_name_to_who_sees_no_people(named, sign_in, role):
    weekly.run_week(named, date(2027, 3, 14), actor=Actor.system("weekly cycle"))
    snapshots.interim(named, actor=Actor.operator())
    assert WeeklySnapshot.objects.count() == 2
    assert hidden_in(str(list(WeeklySnapshot.objects.values())))
    client = sign_in(role, named)
    paths = [reverse("reporting:dashboard", args=[named.ref]), reverse("reporting:api-position", args=[named.ref]), "/"]
    seen = 0
    for pack in BoardPack.objects.filter(edition={"BM": "board", "COM": "commissioner"}[role], document="pack"):
        if pdf_available()[0]:
            from pypdf import PdfReader

            assert hidden_in("".join(page.extract_text() for page in PdfReader(io.BytesIO(packs.content(pack))).pages).replace("\n", " "))
        BoardPack.objects.filter(pk=pack.pk).update(**PUBLISHED)
        paths.append(reverse("reporting:pack-preview", args=[named.ref, pack.public_id]))
    if role == "BM":
        for week in WeeklySnapshot.objects.all():
            paths += [reverse("reporting:snapshot-detail", args=[named.ref, week.public_id]), reverse("reporting:api-snapshot", args=[named.ref, week.public_id])]
    for path in paths:
        answer = client.get(path)
        assert answer.status_code == 200, path
        text = (b"".join(answer.streaming_content) if answer.streaming else answer.content).decode("utf-8", "replace")
        assert hidden_in(text), path
        seen += NAME in text
    assert seen >= 2


@pytest.mark.django_db
def test_what_a_version_corrects_is_told_in_its_pages_without_names(named, django_assert_num_queries):
    week, _ = snapshots.freeze_week(named, date(2027, 3, 14), actor=Actor.operator())
    pack = packs.for_snapshot(week, "board", actor=Actor.operator())
    with django_assert_num_queries(0):
        assert documents.stamp_of(pack).correction == ""
    BoardPack.objects.filter(pk=pack.pk).update(correction=f"The risk about {CANARY}, NHS 999 000 0018")
    pack.refresh_from_db()
    assert documents.stamp_of(pack).correction == f"The risk about {NAME}, NHS {NUMBER}"
    assert f"The risk about {NAME}, NHS {NUMBER}" in html.unescape(documents.html_of(pack))


@pytest.mark.django_db
def test_who_drafts_a_pack_is_told_which_texts_to_mend(named, sign_in, monkeypatch):
    from reporting.documents import build

    monkeypatch.setattr(build, "pdf_of", lambda pack: build.Made(b"%PDF", 2))
    week, _ = snapshots.freeze_week(named, date(2027, 3, 14), actor=Actor.operator())
    pack = packs.build_pack(packs.for_snapshot(week, "board", actor=Actor.operator()), actor=Actor.operator())
    url = reverse("reporting:pack-detail", args=[named.ref, pack.public_id])
    page = sign_in("DA", named).get(url).content.decode()
    assert f"{len(withheld(from_json(week.position)))} texts had a name or number withheld" in page
    assert f"<li>Call the family of {NAME}</li>" in page
    assert hidden_in(page)
    BoardPack.objects.filter(pk=pack.pk).update(**PUBLISHED)
    assert "had a name or number withheld" not in sign_in("BM", named).get(url).content.decode()


@pytest.mark.django_db
@pytest.mark.usefixtures("_monday")
def test_the_list_is_read_once_however_long_it_and_the_papers_are():
    programme = ground.provider_exit("ONCE")

    def asked() -> list[str]:
        with CaptureQueriesContext(connection) as seen:
            position(programme, DAY)
        return [q["sql"] for q in seen if '"transfers_persontransfer"."surname"' in q["sql"]]

    people.person(programme)
    assert len(asked()) == 1
    for number in range(4):
        people.person(programme)
        Action.objects.create(programme=programme, text=f"Do {number}", due=DAY, owner_name="Somebody")
    assert len(asked()) == 1


LISTED = Identifiers("Underhay", "Svetlana", "9990000026", "SW100008", "01632 962329", "7 Lavender Quay, Whitstable", "CT5 1ZJ", "Mr Albert Patelwala (son)", "1941-03-02")


@pytest.mark.parametrize(("text", "shown"), [
    ("999–000–0026, 999  000  0026, 999/000/0026", f"{NUMBER}, {NUMBER}, {NUMBER}"),
    ("Ring 01632–962329 or 01632/962 329", f"Ring {NUMBER} or {NUMBER}"),
    ("CT5-1ZJ and CT5  1ZJ", f"{ADDRESS} and {ADDRESS}"),
    ("Svetlana     Underhay", NAME), ("Svetlana\n\n\n\nUnderhay", NAME), ("Svetlana\u200bUnderhay", NAME), ("svetlana_underhay@example.org", f"{NAME}@example.org"),
    ("Albert Patelwala rang", f"{NAME} rang"), ("Patelwala rang Albert", f"{NAME} rang Albert"),
    ("DOB 02/03/1941, born 2 March 1941, d.o.b. 2.3.41, Date of birth: 1941-03-02", f"DOB {DATE}, born {DATE}, d.o.b. {DATE}, Date of birth: {DATE}"),
    ("Met on 03/03/1941; born 3 March 1941; DOB 02/13/1941; 02031941", "Met on 03/03/1941; born 3 March 1941; DOB 02/13/1941; 02031941"),
])
def test_spellings_that_pages_show_alike(text, shown):
    assert veil_over([LISTED], [text])(text) == shown
    assert veil_over([LISTED], None)(text) == shown


@pytest.mark.parametrize("speaks", ["Daughter", "Social worker", "Next of kin: son", "N", "A. Relative", "District Nurse", "To be confirmed", "See notes", "Same as above", "Lives alone", "No next of kin known", "Daughter, on file", "Social Services, Kent"])
def test_who_speaks_without_a_name_withholds_no_words(speaks):
    text = f"The {speaks} rang; {speaks}, Smith"
    assert veil_over([Identifiers("", "", "", "", speaks=speaks)], [text])(text) == text


GLADYS = Identifiers("Whitcombe", "Gladys May", "9990000026", "SW100008", "01632 962329; 7700900123; Gladys.W@example.org", "Flat 2, 14 Mallard Road, Ashford, TN24 1AB", "TN23 9QQ", "Son: Albert Patelwala", "1941-03-02")
MANY = (
    GLADYS, Identifiers("O'Brien-Hall", "Mary-Anne", "", "LAS-00123", "", "14 Broadway, Ashford", "", "Jane and Paul Rowbotham (parents)"), Identifiers("Børresen", "Łukasz", "", "", "", "Rose Cottage, Mill Lane, Wye", "", "Mrs Pettigrew"),
    Identifiers("Underhay", "Elizabeth (Betty)", "", "", "", "", "", "Daughter Susan Applegarth 07700 900789"),
)
NAMES_TYPED = """
Gladys Whitcombe|Gladys\u200dWhitcombe|Glad\u00adys Whit\u00adcombe|Whit\u200bcombe Gladys|Gladys, Whitcombe|Whitcombe (Gladys)|Gladys (Whitcombe)|Gladys May Whitcombe|Gladys Rose Whitcombe|Gladys Rose Ann Whitcombe|Gladys "Glad" Whitcombe
|Gladys (Glad) Whitcombe|May Whitcombe|GladysWhitcombe|whitcombe_gladys|Whitcombe, Mrs|Whitcombe (Mrs)|Whitcombe, Mrs Gladys|GM Whitcombe|G.M.Whitcombe|Prof Whitcombe|Reverend Whitcombe|Master Whitcombe|Gladys W|Gladys%20Whitcombe|Gladys%2C%20Whitcombe
|Gladys+Whitcombe|Gladys&nbsp;Whitcombe|Gladys<br>Whitcombe|Gladys/Whitcombe|Gladys née Smith Whitcombe|Gladys~Whitcombe|Gladys - - Whitcombe|Ｇｌａｄｙｓ Whitcombe|Gladys Mrs Whitcombe|Albert Patelwala|Mr Patelwala|Patelwala, Albert|Jane Rowbotham|P Rowbotham|Mrs Pettigrew|Susan Applegarth
|Mary OBrien|Mary O'Brien|Mary O Brien|Mary Hall|Maryanne OBrien Hall|Anne O'Brien-Hall|Mrs O'Brien|Lukasz Borresen|ŁUKASZ BØRRESEN|Betty Underhay|Elizabeth Underhay|B Underhay
""".replace("\n", "").split("|")
NUMBERS_TYPED = """
999    000    0026|999,000,0026|999_000_0026|999\u200b000\u200b0026|999 - 000 - 0026|1632 962329|1632962329|00441632962329|01632_962329|01632,962329|01632    962329|07700 900123|7700 900123|SW 100008|sw-100008|SW.100008|LAS00123|LAS 00123
""".replace("\n", "").split("|")
ADDRESSES_TYPED = ["Flat 2, 14 Mallard Road", "14 Mallard Road", "14 Mallard Rd", "14, mallard  rd", "14 Broadway", "TN241AB", "TN24 1AB", "tn23_9qq", "TN23, 9QQ", "TN23    9QQ", "TN23\u200b9QQ", "Rose Cottage, Mill Lane", "Rose Cottage Mill Ln", "gladys.w@EXAMPLE.org"]
DAYS_TYPED = ["02/03/1941", "2 March 1941", "1941-03-02", "2nd Mar 1941", "March 2, 1941", "02-Mar-1941", "02.03.1941"]
BORN_TYPED = ["DOB=02/03/1941", "DOB 02 03 1941", "DOB 02031941", "DOB 2-Mar-41", "born 2 Mar '41", "born on the 2nd of March 1941", "born Sunday 2 March 1941", "(b. 2/3/41)", "b 2.3.41", "birth date 2.3.41", "D/O/B 02/03/41", "birthday 2 March 1941", "DOB 1941/03/02"]


@pytest.mark.parametrize(("texts", "instead"), [(NAMES_TYPED, NAME), (NUMBERS_TYPED, NUMBER), (ADDRESSES_TYPED, ADDRESS), (DAYS_TYPED, DATE)])
def test_many_hands_spell_one_person(texts, instead):
    """Each alone, in a sentence, in a page, and under the veil for any text."""
    for one in texts:
        text = f"ask {one} soon"
        assert (one, veil_over(MANY, [text])(text)) == (one, f"ask {instead} soon")
        assert veil_over(MANY, None)(text) == f"ask {instead} soon", one
        page = f"<p>{html.escape(text)}</p>"
        assert page_under(page, veil_over(MANY, words_of_page(page))) == f"<p>ask {instead} soon</p>", one


@pytest.mark.parametrize("text", BORN_TYPED)
def test_a_day_that_is_called_one_of_birth_may_be_short(text):
    shown = veil_over(MANY, [text])(text)
    assert DATE in shown and not any(part in shown for part in ("41", "Mar", "2/3", "02"))


@pytest.mark.parametrize("text", ["gladyswhitcombe@x.org", "gwhitcombe@x.org", "g.whitcombe@x.org", "whitcombe.g@x.org", "whitcombeg@x.org"])
def test_a_name_in_an_address_of_a_mail_is_withheld(text):
    assert veil_over(MANY, [text])(text) == f"{NAME}@x.org"


def test_a_name_over_two_paragraphs_is_one():
    page = "<div><p>Ask Gladys</p>\n\n<p>Whitcombe</p>\n\n<p>soon</p></div><p>Ask Gladys</p><p>Whitcombe</p>"
    assert page_under(page, veil_over(MANY, words_of_page(page))) == f"<div><p>Ask {NAME}</p>\n\n<p>soon</p></div><p>Ask Gladys</p><p>{NAME}</p>"


COLOURS = (
    Identifiers("Green", "Ann", "", "", "", "Flat 2, Ashford"), Identifiers("Amber", "Rita Gail", "", ""), Identifiers("Black", "Mark", "", "", "", "12 Visits, Ashford"), Identifiers("Brown", "Will", "", ""),
    Identifiers("Day", "May", "", ""), Identifiers("Ward", "Hope", "", "", born="2027-03-15"), Identifiers("Young", "Mary", "", "", born="1998-04-02"),
)


@pytest.mark.parametrize("text", [
    "A Green step. Now a Green step; status Green, B next", "RAG Green, rag: Green; Ann: status Green", "We miss Green on two steps", "UK Green Plan and the RAG Amber rule", "In May D2 is done", "Will B do it? Mark B as done", "Ann is Green",
    "Ann Is Green", "12 Visits a day; Flat 2", "Ward B; Ward round, Mrs Jones says hope", "Met 15/03/2027; from 2 April 2027", "Black M&E works; Day M+1; Day T", "Green (A)", "Young people, Mary's law", "In 02041998 lines",
])
def test_words_of_the_office_stand_though_somebody_is_called_so(text):
    assert veil_over(COLOURS, [text])(text) == text
    assert veil_over(COLOURS, None)(text) == text


@pytest.mark.django_db
@pytest.mark.usefixtures("_monday")
def test_contacts_are_withheld_like_the_person_and_who_answers_by_name_is_not():
    programme = ground.provider_exit("KIN")
    one = people.person(programme, forename="Gladys", surname="Whitcombe")
    other = ground.provider_exit("OTHER")
    for role, name, phone, address in (
        ("advocate", "Agnes Rowbotham", "01632 960111", "3 Ferry Lane, Ashford"), ("gp", "Doctor Ewart", "01632 960222", "4 High Street, Ashford"), ("case_manager", "Petra Lomax", "", ""),
    ):
        PersonContact.objects.create(person=one, role=role, name=name, phone=phone, address=address, email=f"{role}@example.org")
    text = "Agnes Rowbotham of 3 Ferry Lane, Ashford, 01632 960111, advocate@example.org, rang; Mrs Whitcombe too; so did Doctor Ewart (01632 960222, gp@example.org) and Petra Lomax"
    board, nobody = ground.user_in("BM", programme), ground.user_in("BM", other)
    shown = f"{NAME} of {ADDRESS}, Ashford, {NUMBER}, {ADDRESS}, rang; {NAME} too; so did Doctor Ewart (01632 960222, gp@example.org) and Petra Lomax"
    assert Hidden.from_(board, programme).veil([text])(text) == shown
    with CaptureQueriesContext(connection) as asked:
        assert Hidden.from_(board, None).veil([text])(text) == shown
    assert len(asked) == 1
    assert Hidden.from_(nobody, None).veil([text])(text) == text
    assert Hidden.from_(ground.user_in("MT", programme), programme).people == ()
    assert veil_over([Identifiers(*told) for told in identifiers(programme)], [text])(text) == shown
