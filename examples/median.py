"""Holds: the median lies between the least and the greatest element."""


def median(xs):
    """
    pre: len(xs) > 0
    post: min(xs) <= result <= max(xs)
    """
    ordered = sorted(xs)
    middle = len(ordered) // 2
    if len(ordered) % 2 == 1:
        return ordered[middle]
    return (ordered[middle - 1] + ordered[middle]) / 2
