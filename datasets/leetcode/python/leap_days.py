def is_leap(year):
    return year % 4 == 0


def february_days(year: int) -> int:
    days = 28
    if is_leap(year):
        days += 1
    return days
