"""Invitations and calendars (.ics, and parts of mails): what, when, where, who, and the text."""

from datetime import date, datetime, timedelta
from typing import Any

from rag.errors import UnreadableFileError
from rag.formats.extract import Extract, Gathering

_MOST_EVENTS = 10_000


def read(data: bytes, name: str) -> Extract:
    """Read a calendar, each event as a passage under its title. Raises UnreadableFileError."""
    import icalendar

    try:
        calendars = icalendar.Calendar.from_ical(data, multiple=True)
    except (ValueError, KeyError, IndexError) as error:
        raise UnreadableFileError(f"the file is damaged: it holds no calendar ({error})") from error
    events = [
        component
        for calendar in calendars
        for component in calendar.walk()
        if component.name in ("VEVENT", "VTODO", "VJOURNAL")
    ]
    if len(events) > _MOST_EVENTS:
        raise UnreadableFileError(f"it holds more than {_MOST_EVENTS:,} events; split it")
    gathered = Gathering()
    for event in events:
        _gather_event(event, gathered)
    return gathered.extract(str(events[0].get("summary", "")) if events else "")


def _gather_event(event: Any, gathered: Gathering) -> None:
    lines = (
        str(event.get("summary", "")),
        _line("When", _period(event)),
        _line("Due", _moment(event.get("due"))),
        _line("Repeats", _rule(event)),
        _line("Where", str(event.get("location", ""))),
        _line("Organizer", _person(event.get("organizer"))),
        _line("Attendees", "; ".join(map(_person, _listed(event.get("attendee"))))),
        _line("Status", str(event.get("status", "")).capitalize()),
    )
    gathered.add("\n".join(filter(None, lines)))
    gathered.add(str(event.get("description", "")))


def _line(label: str, value: str) -> str:
    return f"{label}: {value}" if value else ""


def _period(event: Any) -> str:
    start, end = event.get("dtstart"), event.get("dtend")
    if start is None:
        return ""
    if end is None or end.dt == start.dt:
        duration = event.get("duration")
        return _moment(start) + (f", for {duration.dt}" if duration is not None else "")
    first, last = start.dt, end.dt
    if not isinstance(last, datetime):  # the day after the last one (RFC 5545, 3.6.1)
        last = max(first, last - timedelta(days=1))
        return f"{first}" if first == last else f"{first} to {last}"
    if isinstance(first, datetime) and isinstance(last, datetime) and first.date() == last.date():
        return f"{first:%Y-%m-%d %H:%M} to {last:%H:%M}{_zone(start)}"
    return f"{_moment(start)} to {_moment(end)}"


def _moment(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value.dt, datetime):
        return f"{value.dt:%Y-%m-%d %H:%M}{_zone(value)}"
    return value.dt.isoformat() if isinstance(value.dt, date) else str(value.dt)


def _zone(value: Any) -> str:
    name = value.params.get("tzid") or value.dt.tzname()
    return f" ({name})" if name else ""


def _rule(event: Any) -> str:
    rule = event.get("rrule")
    return "" if rule is None else rule.to_ical().decode("utf-8", "replace").lower()


def _person(value: Any) -> str:
    if value is None:
        return ""
    address = str(value).removeprefix("mailto:").removeprefix("MAILTO:")
    name = str(value.params.get("cn", ""))
    return f"{name} <{address}>" if name and name != address else address


def _listed(value: Any) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]
