def median(a: int, b: int, c: int) -> int:
    if a > b:
        a_low, a_high = b, a
    else:
        a_low, a_high = a, b
    if c <= a_low:
        return a_low
    if c >= a_high:
        return a_high
    return c
