"""The date of a day of the year, with a mistake that one year in a century shows."""

LENGTHS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]


def is_leap(year):
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def number_of(year, month, day):
    leap_day = 1 if is_leap(year) and month > 2 else 0
    return sum(LENGTHS[: month - 1]) + leap_day + day


def date_of(year: int, number: int, short: bool) -> tuple[int, int]:
    """
    pre: 1900 <= year <= 2100
    pre: 1 <= number <= (366 if is_leap(year) else 365)
    post: number_of(year, result[0], result[1]) == number
    """
    lengths = list(LENGTHS)
    names = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()
    if year % 4 == 0:
        lengths[1] += 1
    month = 0
    day = number
    while day > lengths[month]:
        day -= lengths[month]
        month += 1
    label = names[month]
    if short:
        label = label[:1]
    print(label, day)
    if month == 0:
        return 1, day
    return month + 1, day
