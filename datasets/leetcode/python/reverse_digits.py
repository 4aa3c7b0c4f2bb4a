def reverse_digits(n: int) -> int:
    turned = 0
    rest = abs(n)
    while rest > 0:
        rest, digit = divmod(rest, 10)
        turned = turned * 10 + digit
    return turned
