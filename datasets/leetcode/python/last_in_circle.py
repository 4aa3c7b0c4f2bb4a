from collections import deque


def last_in_circle(people: int, step: int) -> int:
    circle = deque(range(1, people + 1))
    while len(circle) > 1:
        circle.rotate(-(step - 1))
        circle.popleft()
    return circle[0]
