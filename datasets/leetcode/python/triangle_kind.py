def triangle_kind(a: int, b: int, c: int) -> int:
    """2 if all sides are equal, 1 if two are, 0 if none."""
    if a == b and b == c:
        return 2
    if a == b or b == c:
        return 1
    return 0
