def overlap(a: int, b: int, c: int, d: int) -> bool:
    if a <= c < b:
        return True
    if a < d <= b:
        return True
    return False
