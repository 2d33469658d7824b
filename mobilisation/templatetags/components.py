"""The components of the look, each written once. Tags that stand in every cell of a table build their text
in Python and keep it; those that stand once on a page are templates in ``templates/components/``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any

from django import template
from django.template import Context
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from mobilisation import clock
from mobilisation.components import PRIORITY, PROGRESS, TONES, Countdown, SummaryRow, hours_shown, long_date, short_date, short_moment
from mobilisation.icons import ICONS
from mobilisation.services import accounts

register = template.Library()


@register.simple_tag
def office_is_empty() -> bool:
    """For the sign-in page: whether the first administrator is still to be made."""
    return accounts.office_is_empty()


def _letter(value: Any) -> str:
    return str(getattr(value, "value", value) or "").strip().upper()[:1]


@lru_cache(maxsize=64)
def _rag(letter: str, look: str) -> SafeString:
    tone, word = PROGRESS[letter]
    if look == "letter":
        return format_html('<span class="app-rag app-rag--{} app-rag--letter" title="{}">{}<span class="nhsuk-u-visually-hidden"> {}</span></span>', tone, word, letter, word)
    return format_html('<span class="app-rag app-rag--{}{}"><span class="app-rag__letter">{}</span> {}</span>', tone, " app-rag--large" if look == "large" else "", letter, word)


@lru_cache(maxsize=64)
def _priority(letter: str, short: bool) -> SafeString:
    if letter not in PRIORITY:
        return mark_safe('<span class="app-priority app-priority--none">Priority: not rated</span>' if not short else '<span class="app-priority app-priority--none"><span class="nhsuk-u-visually-hidden">Priority: </span>Not rated</span>')
    tone, word = PRIORITY[letter]
    prefix = mark_safe('<span class="nhsuk-u-visually-hidden">Priority: </span>') if short else "Priority: "
    return format_html('<span class="app-priority app-priority--{}">{}{}</span>', tone, prefix, word)


@register.simple_tag
def rag(colour: Any, kind: str = "progress", reason: str = "", size: str = "") -> SafeString:
    """Progress as colour, letter and word. ``size``: "" | "large" | "letter" (the word is then only spoken).

    ``kind="priority"`` draws the priority of a person instead. An unknown or empty colour draws nothing.
    """
    letter = _letter(colour)
    if kind == "priority":
        return _priority(letter, size == "letter")
    if letter not in PROGRESS:
        return mark_safe("")
    tag = _rag(letter, size)
    return format_html('{} <span class="app-rag-reason">{}</span>', tag, reason) if reason else tag


@register.simple_tag
def priority(value: Any, short: bool = False) -> SafeString:
    """Priority of a person, an outlined pill that names itself. ``short`` hides the word "Priority" from sight only:
    for a column whose heading says it."""
    return _priority(_letter(value), bool(short))


@register.simple_tag
def rag_pair(computed: Any, stated: Any = "", reason: str = "") -> SafeString:
    """Computed and stated progress side by side; one tag when nobody stated another (domain 5.8, override)."""
    if not _letter(stated) or _letter(stated) == _letter(computed):
        return rag(computed)
    return format_html(
        '<span class="app-rag-pair"><span class="app-rag-pair__part"><span class="app-rag-pair__key">Stated</span> {}</span> '
        '<span class="app-rag-pair__part"><span class="app-rag-pair__key">Computed</span> {}</span></span>{}',
        rag(stated), rag(computed), format_html(' <span class="app-rag-reason">{}</span>', reason) if reason else "",
    )


@register.simple_tag
def tag(text: Any, tone: str = "") -> SafeString:
    """A plain word in a box: a status, a kind, a band. ``tone`` is one of ``TONES``."""
    return format_html('<span class="app-tag{}">{}</span>', f" app-tag--{tone}" if tone in TONES and tone else "", text)


_TRENDS = {"up": ("arrow-up", "Better"), "down": ("arrow-down", "Worse"), "same": ("arrow-same", "No change")}


@register.simple_tag
def trend(direction: str, text: str = "", show: bool = False) -> SafeString:
    """``direction``: up (better), down (worse) or same. The words are spoken; ``show`` prints them too."""
    if direction not in _TRENDS:
        return mark_safe("")
    name, word = _TRENDS[direction]
    said = text or word
    return format_html('<span class="app-trend app-trend--{}" title="{}">{}<span class="{}">{}</span></span>', direction, said, icon(name), "app-trend__text" if show else "nhsuk-u-visually-hidden", said)


@register.simple_tag
@lru_cache(maxsize=256)
def icon(name: str, label: str = "") -> SafeString:
    """A line drawing of 20 × 20. Without ``label`` it is decoration and is not spoken."""
    body = mark_safe(ICONS[name])
    if label:
        return format_html('<svg class="app-icon" viewBox="0 0 20 20" width="20" height="20" role="img" focusable="false"><title>{}</title>{}</svg>', label, body)
    return format_html('<svg class="app-icon" viewBox="0 0 20 20" width="20" height="20" aria-hidden="true" focusable="false">{}</svg>', body)


def _day(value: Any) -> date | None:
    if isinstance(value, datetime):
        return timezone.localtime(value).date() if timezone.is_aware(value) else value.date()
    return value if isinstance(value, date) else None


@register.simple_tag
def due(day: Any, as_of: Any = None, done: Any = None, soon: int = 7, none: str = "No date") -> SafeString:
    """A date with its countdown. ``done``: a date, or true, when it no longer counts; ``soon``: days of warning."""
    when = _day(day)
    if when is None:
        return format_html('<span class="app-muted">{}</span>', none)
    count = Countdown(when, _day(as_of) or clock.today(), (_day(done) or bool(done)) if done else None, soon)
    return format_html(
        '<span class="app-due app-due--{}"><time class="app-due__date" datetime="{}">{}</time> <span class="app-due__count">{}</span></span>',
        count.state, when.isoformat(), short_date(when), count.text,
    )


@register.filter
def of_field(error: Any, label: Any) -> str:
    """``Hours: Enter a number``; a reason that names its field by itself is left as it is."""
    return str(error) if str(error).startswith(str(label)) else f"{label}: {error}"


@register.filter
def among(keys: Sequence[str], told: Mapping[str, Any]) -> list[Any]:
    """What ``told`` has of ``keys``; the others are not for this reader, or there is nobody to tell of."""
    return [told[key] for key in keys if key in told] if keys and told else []


@register.filter
def ways_from(form: Any, error: Any) -> Sequence[tuple[str, str]]:
    """[(words, address)] of where ``error`` of ``form`` is put right; see ``show_refusal``."""
    return getattr(form, "ways", {}).get(str(error), ())


@register.filter
def hours(value: Any) -> str:
    """``276.5``, ``266``; empty for none, and what is masked stays as it is."""
    return hours_shown(value) if isinstance(value, (Decimal, int, float)) else str(value or "")


@register.filter
def short_day(value: Any) -> str:
    """``3 Mar 2027``; empty for no date."""
    when = _day(value)
    return short_date(when) if when else ""


@register.filter
def long_day(value: Any) -> str:
    """``Wed 3 Mar 2027``; empty for no date."""
    when = _day(value)
    return long_date(when) if when else ""


@register.filter
def moment(value: Any) -> str:
    """``3 Mar 2027, 14:05`` in Europe/London; a date without its time; empty for nothing."""
    if isinstance(value, datetime):
        return short_moment(value)
    return short_day(value)


@register.simple_tag
def meter(value: Any, total: Any, label: str, tone: str = "", planned: Any = None) -> SafeString:
    """How many of how many, as words and as a bar. ``label`` names the bar for those who hear it."""
    done, whole = int(value or 0), int(total or 0)
    percent = round(100 * done / whole) if whole else 0
    plan = format_html(' <span class="app-meter__plan">plan {}</span>', planned) if planned is not None else ""
    return format_html(
        '<span class="app-meter{}"><progress class="app-meter__bar" max="{}" value="{}" aria-label="{}">{}%</progress> '
        '<span class="app-meter__text">{} of {}{}</span></span>',
        f" app-meter--{tone}" if tone in TONES and tone else "", max(whole, 1), done, label, percent, f"{done:,}", f"{whole:,}", plan,
    )


@register.inclusion_tag("components/counters.html")
def counters(items: Iterable[Any], label: str = "Show") -> dict[str, Any]:
    """Numbers that filter the list below. ``items``: ``Counter``; the active one is marked and spoken."""
    return {"items": list(items or ()), "label": label}


@register.inclusion_tag("components/stat.html")
def stat(label: str, value: Any, of: Any = None, note: str = "", url: str = "", tone: str = "") -> dict[str, Any]:
    """One figure of a dashboard: ``value`` large, "of ``of``" beside it, ``note`` beneath; a link when it has rows."""
    return {"label": label, "value": value, "of": of, "note": note, "url": url, "tone": tone if tone in TONES else ""}


@register.inclusion_tag("components/summary_list.html")
def summary_list(rows: Iterable[Any], label: str = "") -> dict[str, Any]:
    """Keys and values. ``rows``: ``SummaryRow``, or pairs (key, value); an empty value reads "Not given"."""
    return {"rows": [row if isinstance(row, SummaryRow) else SummaryRow(*row) for row in rows or ()], "label": label}


@register.inclusion_tag("components/timeline.html")
def timeline(events: Iterable[Any], empty: str = "Nothing has happened yet.", level: int = 3) -> dict[str, Any]:
    """What happened, newest first as given. ``events``: ``Event``."""
    return {"events": list(events or ()), "empty": empty, "level": level}


@register.inclusion_tag("components/empty.html")
def empty(title: str, text: str = "", url: str = "", label: str = "", secondary_url: str = "", secondary_label: str = "") -> dict[str, Any]:
    """Says in words that there is nothing, and what to do about it."""
    return {"title": title, "text": text, "url": url, "label": label, "secondary_url": secondary_url, "secondary_label": secondary_label}


@register.inclusion_tag("components/notice.html")
def notice(text: Any, tone: str = "blue", title: str = "", url: str = "", label: str = "") -> dict[str, Any]:
    """A box that says something about the page. ``tone``: blue (to know), amber (take care), red (stop), green (done)."""
    return {"text": text, "tone": tone, "title": title, "url": url, "label": label}


@register.inclusion_tag("components/confirm.html", takes_context=True)
def confirm(
    context: Context, text: str = "", items: Iterable[str] = (), submit: str = "Confirm", cancel_url: str = "", danger: bool = False,
    action: str = "", name: str = "", value: str = "", reason: str = "", typed: str = "",
) -> dict[str, Any]:
    """A question before an act that cannot be taken back: what will happen (``items``), a button, a way out.

    ``name``/``value`` are sent with the button; ``reason`` is the label of a text box that must be filled, ``typed`` what
    stands in it after a refusal.
    """
    return {
        "text": text, "items": list(items or ()), "submit": submit, "cancel_url": cancel_url, "danger": danger, "action": action,
        "name": name, "value": value, "reason": reason, "typed": typed, "csrf_token": context.get("csrf_token"),
    }


@register.inclusion_tag("components/job_progress.html", takes_context=True)
def job_progress(context: Context, job: Any, url: str = "", cancel_url: str = "", ahead: int = 0, again: str = "") -> dict[str, Any]:
    """Where a piece of work stands. Asks again every two seconds while it runs (marked as background, so that
    waiting does not keep a session alive); without JavaScript a link asks again. ``ahead``: how many go first while it waits;
    ``again``: where to go on from when it was stopped."""
    request = context.get("request")
    if not url:
        url = request.path if request is not None else ""
        for kwargs in ({"public_id": job.public_id}, {"pk": job.public_id}):
            try:
                url = reverse("mobilisation:job-detail", kwargs=kwargs)
                break
            except NoReverseMatch:
                continue
    result = job.result if isinstance(job.result, dict) else {}
    return {"job": job, "url": url, "cancel_url": cancel_url, "ahead": ahead, "again": again, "result_url": result.get("url", ""), "csrf_token": context.get("csrf_token")}


@register.inclusion_tag("components/pager.html", takes_context=True)
def pager(context: Context, page_obj: Any, parameter: str = "page") -> dict[str, Any]:
    """Numbered pages that keep every other filter of the address. Draws nothing for one page."""
    request = context.get("request")
    query = request.GET.copy() if request is not None else None

    def link(number: int) -> str:
        if query is None:
            return f"?{parameter}={number}"
        query[parameter] = str(number)
        return f"?{query.urlencode()}"

    paginator = page_obj.paginator
    numbers = [
        {"number": number, "url": link(number), "current": number == page_obj.number} if isinstance(number, int) else {"gap": True}
        for number in paginator.get_elided_page_range(page_obj.number, on_each_side=2, on_ends=1)
    ]
    return {
        "page_obj": page_obj, "numbers": numbers, "many": paginator.num_pages > 1,
        "previous": link(page_obj.previous_page_number()) if page_obj.has_previous() else "",
        "next": link(page_obj.next_page_number()) if page_obj.has_next() else "",
    }


@register.inclusion_tag("components/filters.html", takes_context=True)
def filters(context: Context, form: Any, label: str = "Filter", submit: str = "Apply", keep: str = "") -> dict[str, Any]:
    """A filter form as one compact bar that works by GET. ``keep``: names of other parameters to carry, by spaces."""
    request = context.get("request")
    kept = [(name, value) for name in keep.split() for value in (request.GET.getlist(name) if request is not None else [])]
    return {"form": form, "label": label, "submit": submit, "kept": kept, "clear_url": request.path if request is not None else "?", "filtered": bool(request and request.GET)}


@register.inclusion_tag("components/countdown.html")
def programme_countdown(programme: Any, as_of: Any = None) -> dict[str, Any]:
    """Days to what the programme runs to: commencement, go-live or the last day of the exiting provider."""
    label, day = programme.target
    return {"label": label, "day": day, "count": Countdown(day, _day(as_of) or clock.today()) if day else None}
