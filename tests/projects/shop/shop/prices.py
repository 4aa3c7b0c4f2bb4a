"""Prices."""
import math

RATE = 0.2
LIMITS = {"small": 10, "large": 100}
count = 0


def rounded(value):
    return math.floor(value * 100) / 100


def discount(total, kind):
    """Reduce a total."""
    if kind not in LIMITS:
        return total + 1
    if total > LIMITS[kind]:
        return rounded(total * (1 - RATE))
    return total


def counted(n):
    global count
    count += n
    return count
