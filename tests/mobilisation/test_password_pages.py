"""The pages of passwords and invitations speak in the house's words and say how to go on."""

import re

import pytest
from django.core import mail
from django.urls import reverse

from mobilisation.models import Job, User
from mobilisation.services import accounts, jobs
from tests.factories import ground

pytestmark = pytest.mark.django_db
STOCK = re.compile(r"Bad Token|Reset My Password|contact us|Two-Factor Authentication|Sign In Via|Password Reset|third-party")


def main(answer):
    text = re.sub(r"(?s).*<main[^>]*>|</main>.*", "", answer.content.decode())
    assert not STOCK.search(text)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", text))


def link(letter):
    return re.search(r"https?://[^/]+(/\S+)", letter.body)[1]


def test_an_invitation_that_was_used_says_so_and_leads_to_a_new_link(client):
    invited = accounts.invite("ann@example.org", actor=ground.actor("ADM"))
    jobs.run(Job.objects.get(kind="invitation").pk)
    first = link(mail.outbox.pop())
    page = client.get(first, follow=True)
    assert "Choose your password" in main(page)
    assert client.post(page.redirect_chain[-1][0], {"password1": "a-long-new-word", "password2": "a-long-new-word"}, follow=True).status_code == 200
    again = client.get(first, follow=True)
    assert "This link no longer works It was used already, is older than three days" in main(again)
    assert f'href="{reverse("account_reset_password")}"' in again.content.decode()
    assert User.objects.get(pk=invited.pk).check_password("a-long-new-word")


def test_who_lost_the_invitation_gets_a_link_without_having_had_a_password(client):
    accounts.open_account("ann@example.org", actor=ground.actor("ADM"))
    assert "takes the place of an invitation" in main(client.get(reverse("account_reset_password")))
    sent = client.post(reverse("account_reset_password"), {"email": "ann@example.org"}, follow=True)
    assert "Look at your e-mail" in main(sent)
    (letter,) = mail.outbox
    assert "the link works once and for three days" in letter.body
    assert "Choose your password" in main(client.get(link(letter), follow=True))


def test_an_address_nobody_has_is_answered_alike(client):
    sent = client.post(reverse("account_reset_password"), {"email": "nobody@example.org"}, follow=True)
    assert "If that address has an account here" in main(sent)
    assert mail.outbox == []


@pytest.mark.parametrize("name", ["account_change_password", "account_inactive", "account_reset_password_from_key_done"])
def test_the_other_pages_have_no_stock_words(sign_in, programme, name):
    assert main(sign_in("BM", programme).get(reverse(name)))
