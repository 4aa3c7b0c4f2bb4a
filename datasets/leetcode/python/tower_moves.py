def move(disks, start, end, spare, done):
    if disks == 0:
        return
    move(disks - 1, start, spare, end, done)
    done.append((start, end))
    move(disks - 1, spare, end, start, done)


def tower_moves(disks: int) -> int:
    done = []
    move(disks, "A", "C", "B", done)
    return len(done)
