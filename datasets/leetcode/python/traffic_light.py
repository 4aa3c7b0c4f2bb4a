RED, GREEN, YELLOW = 0, 1, 2
LASTS = {RED: 30, GREEN: 25, YELLOW: 5}


def light_after(seconds: int) -> int:
    state = RED
    left = LASTS[state]
    for _ in range(seconds):
        left -= 1
        if left == 0:
            state = (state + 1) % 3
            left = LASTS[state]
    return state
