def sink(cells, width, at):
    if at < 0 or at >= len(cells) or cells[at] != 1:
        return
    cells[at] = 2
    sink(cells, width, at - width)
    sink(cells, width, at + width)
    if at % width > 0:
        sink(cells, width, at - 1)
    if at % width < width - 1:
        sink(cells, width, at + 1)


def count_islands(cells: list[int], width: int) -> int:
    islands = 0
    for at in range(len(cells)):
        if cells[at] == 1:
            islands += 1
            sink(cells, width, at)
    return islands
