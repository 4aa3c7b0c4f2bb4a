COINS = [50, 20, 10, 5, 2, 1]


def change_coins(amount: int) -> dict[int, int]:
    change = {}
    rest = amount
    for coin in COINS:
        count = rest // coin
        if count > 0:
            change[coin] = count
            rest -= coin * count
    return change
