STEPS = [(0, 1), (1, 0), (0, -1), (-1, 0)]


def walk(moves: str) -> int:
    x = y = 0
    facing = 0
    for move in moves:
        if move == "L":
            facing = (facing - 1) % 4
        elif move == "R":
            facing = (facing + 1) % 4
        elif move == "F":
            dx, dy = STEPS[facing]
            x += dx
            y += dy
    return abs(x) + abs(y)
