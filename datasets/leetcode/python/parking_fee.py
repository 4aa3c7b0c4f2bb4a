DAY = 20


def parking_fee(hours: int) -> int:
    days, rest = divmod(hours, 24)
    fee = days * DAY
    if rest > 0:
        fee += 3 + 2 * (rest - 1)
    return fee
