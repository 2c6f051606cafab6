"""When a reminder comes again."""

from datetime import datetime
from zoneinfo import ZoneInfo

from crm_api.kit.recurrence import Rule, next_moment
from crm_api.reminders.models import Reminder, ReminderRepeat


def rule_of(reminder: Reminder, zone: ZoneInfo) -> Rule | None:
    """A month or year that lacks the day has its last day instead."""
    first = reminder.series_starts_at
    if first is None or reminder.repeat is ReminderRepeat.NONE:
        return None
    day = first.astimezone(zone)
    limits = reminder.repeat_count, reminder.repeat_until
    match reminder.repeat:
        case ReminderRepeat.DAILY:
            return Rule("DAILY", 1, *limits)
        case ReminderRepeat.WEEKLY:
            return Rule("WEEKLY", 1, *limits)
        case ReminderRepeat.MONTHLY:
            return Rule("MONTHLY", 1, *limits, month_days=(day.day, -1), positions=(1,))
        case _:
            return Rule("YEARLY", 1, *limits, month_days=(day.day, -1), months=(day.month,), positions=(1,))


def comes_again_at(reminder: Reminder, zone: ZoneInfo, at: datetime) -> datetime | None:
    """Later than `at`, at the same time of the clock on the wall; None when that was the last time."""
    rule = rule_of(reminder, zone)
    if rule is None or reminder.series_starts_at is None or reminder.occurrence is None:
        return None
    return next_moment(rule, reminder.series_starts_at, at, reminder.occurrence, zone)
