"""What stood only in columns of the tracker gets its contact, orders, money and care-plan check."""

import secrets

from django.db import migrations
from django.db.models import F

BATCH = 500
LETTERS = "23456789abcdefghjkmnpqrstuvwxyz"


def _id():
    return "".join(secrets.choice(LETTERS) for _ in range(10))


def fill(apps, schema_editor):
    Person, Contact, Order, Money, Check = (apps.get_model("transfers", name) for name in ("PersonTransfer", "PersonContact", "ServiceOrder", "MoneyHeld", "CarePlanCheck"))
    done = 0
    while True:
        people = list(Person.objects.filter(pk__gt=done).order_by("pk")[:BATCH])
        if not people:
            return
        done = people[-1].pk
        contacts, orders, monies, checks = [], [], [], []
        for p in people:
            if p.representative_name or p.relationship or p.representative_address or p.representative_phone:
                contacts.append(
                    Contact(public_id=_id(), person=p, main=True, name=p.representative_name, relationship=p.relationship, address=p.representative_address, phone=p.representative_phone)
                )
            shared = {"shared_exiting_on": p.orders_shared_on, "shared_incoming_on": p.orders_shared_on}
            new = bool(p.new_order_ref or p.new_order_start)
            either = {"care_item": p.care_item, "budget_code": p.budget_code, "payment_ref": p.payment_ref}
            if p.old_order_ref or p.old_order_end or (not new and (p.orders_shared_on or p.care_item or p.budget_code or p.payment_ref)):
                orders.append(Order(public_id=_id(), person=p, kind="old", external_ref=p.old_order_ref, end=p.old_order_end, **shared, **({} if new else either)))
            if new:
                orders.append(Order(public_id=_id(), person=p, kind="new", external_ref=p.new_order_ref, start=p.new_order_start, **shared, **either))
            if p.monies_held:
                monies.append(Money(public_id=_id(), person=p))
            if p.plan_status:
                high = p.medication_level in {"administer", "specialist"} or p.peg_or_clinical or p.double_handed or p.safeguarding_open
                checks.append(
                    Check(
                        public_id=_id(), person=p, tier="high" if high else "other", status=p.plan_status, received_on=p.actual_transfer_date,
                        validated_on=(p.plan_validated_on or p.touched_on) if p.plan_status == "validated" else None,
                    )
                )
        for model, rows in ((Contact, contacts), (Order, orders), (Money, monies), (Check, checks)):
            model.objects.bulk_create(rows)
        Person.objects.filter(pk__in=[p.pk for p in people], plan_status="validated", plan_validated_on__isnull=True).update(plan_validated_on=F("touched_on"))


class Migration(migrations.Migration):
    dependencies = [("transfers", "0002_contacts_orders_and_checks")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
