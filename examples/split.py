"""Splits a bill between people, in cents: nothing may be lost or paid twice, also where shares are rounded up."""


def split(total: int, people: int, tip_percent: int, round_up: bool) -> list[int]:
    # PRE: 0 <= total <= 10000 and 1 <= people <= 20 and 0 <= tip_percent <= 30
    warnings = []
    if tip_percent > 20:
        warnings.append("a generous tip")
    tip = total * tip_percent // 100
    due = total + tip
    share = due // people
    left = due - share * people
    shares = [share] * people
    if round_up:
        if left > 0:
            shares = [share + 1] * people
            tip += left
    else:
        for i in range(left):
            shares[i] += 1
    for warning in warnings:
        print(warning)
    assert sum(shares) == total + tip  # POST
    return shares
