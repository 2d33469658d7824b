"""The least a page can cost: one statement and a plain template; no session, scope, history or design."""

from __future__ import annotations

from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt

COLUMNS = (
    "public_id", "surname", "forename", "case_system_id", "nhs_number", "postcode", "zone", "funding_type", "priority", "status", "wave", "planned_transfer_date", "weekly_hours",
    "visits_per_day", "next_checkpoint", "next_due", "medication_level", "case_manager", "next_action", "touched_on",
)


def people(request: HttpRequest, programme: int) -> HttpResponse:
    """Fifty rows of twenty cells, filtered and sorted."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {', '.join(COLUMNS)} FROM transfers_persontransfer WHERE programme_id = %s AND wave = %s ORDER BY surname, forename, id LIMIT 50",
            [programme, request.GET.get("wave", "1")],
        )
        rows = cursor.fetchall()
    return render(request, "bench/people.html", {"columns": COLUMNS, "rows": rows})


@csrf_exempt
def save(request: HttpRequest, person: int) -> JsonResponse:
    """One column of one row, committed."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE transfers_persontransfer SET next_action = %s WHERE id = %s", [request.POST.get("next_action", ""), person])
    return JsonResponse({"saved": True})


def portfolio(request: HttpRequest) -> HttpResponse:
    """People, red and amber people of every programme, counted now."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT p.reference, p.title, count(t.id), count(CASE WHEN t.red_from <= CURRENT_DATE THEN 1 END), count(CASE WHEN t.amber_from <= CURRENT_DATE THEN 1 END),
                      count(CASE WHEN t.actual_transfer_date IS NOT NULL THEN 1 END), min(t.planned_transfer_date), max(t.planned_transfer_date)
               FROM mobilisation_programme p LEFT JOIN transfers_persontransfer t ON t.programme_id = p.id GROUP BY p.id, p.reference, p.title ORDER BY p.reference"""
        )
        rows = cursor.fetchall()
    return render(request, "bench/portfolio.html", {"rows": rows})
