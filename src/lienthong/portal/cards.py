"""The one card of a checked order: which results stand and why, with a suggestion for each."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from lienthong.interop.cds_hooks import SUMMARY_LIMIT, Card, Coding, DeleteAction, Link, Source, Suggestion
from lienthong.policy import Gate, Outcome
from lienthong.portal.presenters.order_check import CandidateView, CheckView, LineView
from lienthong.recognition import reads as recognition

Absolute = Callable[[str], str]


def card_of(
    check: recognition.OrderCheckFacts, page: CheckView, *, jurisdiction: str, absolute: Absolute
) -> Card | None:
    """Return the card of a check, None where nothing stands; `absolute` makes an address of a path."""
    lines = {line.code: line for line in (*page.with_result, *page.ordered)}
    standing = [(fact, lines[fact.item]) for fact in check.standing]
    if standing and check.interrupt:
        return Card(
            uuid=check.card_uuid,
            summary=_summary([line for _fact, line in standing], total=len(check.lines)),
            indicator="info",
            source=_source(absolute),
            detail=_detail(line for _fact, line in standing),
            suggestions=tuple(_suggestion(fact, line) for fact, line in standing),
            override_reasons=_override_reasons(page, jurisdiction),
            links=_links(check, absolute),
        )
    waiting = [line for line in check.lines if _waits_for_visit(line)]
    return _question(check, len(waiting), absolute) if waiting else None


def reason_system(jurisdiction: str) -> str:
    """Return the name of the code system that override reasons come from."""
    return f"urn:lienthong:repeat-reason:{jurisdiction}"


def _summary(lines: list[LineView], *, total: int) -> str:
    words = ngettext(
        "%(standing)s of %(total)s tests has a result that stands: %(names)s",
        "%(standing)s of %(total)s tests have results that stand: %(names)s",
        len(lines),
    )
    names = _(", ").join(line.name for line in lines)
    text = words % {"standing": len(lines), "total": total, "names": names}
    return text if len(text) < SUMMARY_LIMIT else text[: SUMMARY_LIMIT - 2].rstrip() + "…"


def _source(absolute: Absolute) -> Source:
    return Source(label=_("Lienthong: mutual recognition of results"), url=absolute(reverse("recognition:register")))


def _detail(lines: Iterable[LineView]) -> str:
    return "\n\n".join(_paragraph(line.name, line.candidate) for line in lines if line.candidate)


def _paragraph(name: str, candidate: CandidateView) -> str:
    """Write one result in Markdown: value, laboratory, mark, time, why it stands, and the law."""
    value = candidate.value
    shown = f"{value.text} {value.unit} {value.arrow} {value.flag}".split() if value else []
    marks = ", ".join(candidate.marks)
    producer = f"{candidate.facility} ({candidate.level})" if candidate.level else candidate.facility
    facts = [producer, marks, candidate.collected, candidate.method]
    law = str(candidate.stands_law) if candidate.stands_law else ""
    cited = f"{law} ({candidate.stands_caveat})" if law and candidate.stands_caveat else law
    lines = [f"**{_escaped(name)}: {_escaped(' '.join(shown))}**"]
    if value and value.interval:
        lines.append(_escaped(_("Interval of that laboratory: %(interval)s") % {"interval": value.interval}))
    lines.append(_escaped("; ".join(fact for fact in facts if fact)))
    lines += [_escaped(f"{one.label} {' / '.join(one.text.splitlines())}") for one in candidate.comments]
    lines.append(_escaped(candidate.stands))
    if cited:
        lines.append(f"*§ {_escaped(cited)}*")
    return "  \n".join(lines)


def _escaped(text: str) -> str:
    """Keep what came from elsewhere from being read as Markdown."""
    return "".join(f"\\{letter}" if letter in "\\`*_[]<>#|" else letter for letter in text)


def _suggestion(fact: recognition.LineFacts, line: LineView) -> Suggestion:
    value = line.candidate.value if line.candidate else None
    shown = f"{value.text} {value.unit}".strip() if value else ""
    words = {"test": line.name, "value": shown, "facility": line.candidate.facility if line.candidate else ""}
    return Suggestion(
        label=_("Reuse %(test)s: %(value)s, %(facility)s") % words,
        uuid=fact.suggestion_uuid,
        actions=(
            DeleteAction(
                description=_("Take %(test)s out of the order and reuse the earlier result") % words,
                resource_id=fact.draft_id,
            ),
        ),
    )


def _override_reasons(page: CheckView, jurisdiction: str) -> tuple[Coding, ...]:
    system = reason_system(jurisdiction)
    return tuple(Coding(code=code, system=system, display=name) for code, name in page.reasons)


def _links(check: recognition.OrderCheckFacts, absolute: Absolute) -> tuple[Link, ...]:
    url = absolute(reverse("portal:order-check", args=[check.id]))
    return (Link(label=_("Every rule and its evidence"), url=url),)


def _waits_for_visit(line: recognition.LineFacts) -> bool:
    """Tell whether only what is not known of the visit keeps a result from standing."""
    chosen = line.chosen
    if chosen is None or line.outcome is not Outcome.FOR_REFERENCE:
        return False
    failed = [rule for rule in chosen.rules if rule.verdict == "no"]
    return not failed and all(rule.gate is Gate.EXCEPTION for rule in chosen.unsettled)


def _question(check: recognition.OrderCheckFacts, waiting: int, absolute: Absolute) -> Card | None:
    if check.encounter_class == "emergency":
        return None
    words = ngettext(
        "%(number)s test has an earlier result that could stand; what is known of the visit does not settle it.",
        "%(number)s tests have earlier results that could stand; what is known of the visit does not settle it.",
        waiting,
    )
    return Card(
        uuid=check.card_uuid,
        summary=words % {"number": waiting},
        indicator="info",
        source=_source(absolute),
        detail=_("Send the encounter with its class, or say on the page whether this is an emergency and what the "
                 "tests are for."),
        links=_links(check, absolute),
    )  # fmt: skip
