def record_days(temps: list[int]) -> int:
    days = 0
    highest = None
    for t in temps:
        if highest is None or t > highest:
            highest = t
            days += 1
    return days
