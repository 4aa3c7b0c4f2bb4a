LIMITS = [(90, 1), (75, 2), (60, 3), (50, 4)]


def grade(points: int) -> int:
    for limit, mark in LIMITS:
        if points >= limit:
            return mark
    return 5
