def halving_steps(n: int) -> int:
    steps = 0
    value = n
    while value != 1:
        if value % 2 == 0:
            value //= 2
        else:
            value = 3 * value + 1
        steps += 1
    return steps
