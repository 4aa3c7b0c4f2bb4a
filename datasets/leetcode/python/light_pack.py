def fullest(sizes: list[int], room: int) -> int:
    reachable = [False] * (room + 1)
    reachable[0] = True
    for size in sizes:
        for total in range(size, room + 1):
            if reachable[total - size]:
                reachable[total] = True
    for total in range(room, -1, -1):
        if reachable[total]:
            return total
    return 0
