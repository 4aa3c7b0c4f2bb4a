COINS = (1, 2)


def coin_ways(amount: int) -> int:
    ways = [1] + [0] * amount
    for total in range(1, amount + 1):
        for coin in COINS:
            if coin <= total:
                ways[total] += ways[total - coin]
    return ways[amount]
