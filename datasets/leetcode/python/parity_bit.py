def parity(byte: int) -> int:
    odd = 0
    mask = 1
    while mask <= 8:
        if byte & mask:
            odd ^= 1
        mask <<= 1
    return odd
