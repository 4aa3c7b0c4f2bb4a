def whole_root(n: int) -> int:
    root = 0
    while (root + 1) * (root + 1) < n:
        root += 1
    return root
