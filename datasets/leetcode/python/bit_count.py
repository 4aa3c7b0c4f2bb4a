def bit_count(n: int) -> int:
    count = 0
    rest = n
    while rest:
        rest &= rest - 1
        count += 1
    return count
