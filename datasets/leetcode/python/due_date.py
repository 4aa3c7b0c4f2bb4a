def due_day(day: int, days: int) -> int:
    due = day + days
    if due > 30:
        due -= 30
    return due
