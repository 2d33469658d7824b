"""Whatever is typed ends in written or refused at its field, never in a fault of the database."""

import pytest
from django.urls import reverse

from risks.models import Opportunity
from tests.factories import people, staff
from transfers.models import PersonTransfer
from transfers.models.staff import StaffTransfer, TupeProcess

pytestmark = pytest.mark.django_db
NASTY = {
    "below nought": "-5", "thirty digits": "9" * 30, "year one": "0001-01-01", "year 9999": "9999-12-31", "control": "a\x0b\x1bb", "very long": "A" * 5000,
}


def page_of(client, url):
    form = client.get(url).context["form"]
    return form, {name: form[name].value() if form[name].value() is not None else "" for name in form.fields}


@pytest.mark.parametrize("value", NASTY.values(), ids=NASTY)
@pytest.mark.parametrize("what", ["person", "staff", "tupe", "opportunity"])
def test_no_field_of_a_record_takes_nonsense(programme, sign_in, what, value):
    client = sign_in("ML", programme)
    if what == "person":
        record = people.person(programme)
        url, model = reverse("transfers:person-edit", args=[programme.ref, record.public_id]), PersonTransfer
    elif what == "staff":
        record = staff.member(programme)
        url, model = reverse("transfers:staff-detail", args=[programme.ref, record.public_id]), StaffTransfer
    elif what == "tupe":
        record = staff.tupe(programme)
        url, model = reverse("transfers:tupe-edit", args=[programme.ref, record.public_id]), TupeProcess
    else:
        record = Opportunity.objects.create(programme=programme, number=1, ref="O-01", title="One record", benefit="less paper", likelihood=2, size=2, owner_name="Ann")
        url, model = reverse("risks:opportunity-edit", args=[programme.ref, record.public_id]), Opportunity
    form, sent = page_of(client, url)
    before = model.objects.filter(pk=record.pk).values().get()
    for name in form.fields:
        if name in {"version", "was"}:
            continue
        answer = client.post(url, sent | {name: value})
        assert answer.status_code in {302, 422}, (name, value)
        if answer.status_code == 302:
            held = model.objects.filter(pk=record.pk).values().get()
            assert not any(isinstance(new, str) and "\x0b" in new for new in held.values()), name
            model.objects.filter(pk=record.pk).update(**{key: old for key, old in before.items() if key not in {"id", "version"}})
            form, sent = page_of(client, url)


def test_a_person_form_refuses_what_an_import_refuses(programme, sign_in):
    client, record = sign_in("OL", programme), people.person(programme)
    url = reverse("transfers:person-edit", args=[programme.ref, record.public_id])
    _, sent = page_of(client, url)
    said = {"date_of_birth": "2190-01-01", "weekly_hours": "-5", "visits_per_day": "-5", "postcode": "NaN", "uprn": "-5", "planned_transfer_date": "0001-01-01", "next_action_due": "9999-12-31"}
    answer = client.post(url, sent | said)
    assert answer.status_code == 422
    assert set(said) <= set(answer.context["form"].errors)


def test_a_day_takes_a_year_of_four_digits(programme, sign_in):
    text = sign_in("OL", programme).get(reverse("transfers:capacity-add", args=[programme.ref])).content.decode()
    assert ('type="date"' in text, text.count('type="date"')) == (True, text.count('max="9999-12-31"'))
