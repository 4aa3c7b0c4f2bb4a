def row_maximum(row):
    best = row[0]
    for x in row[1:]:
        if x > best:
            best = x
    return best


def grid_maximum(grid: list[list[int]]) -> int:
    best = row_maximum(grid[0])
    for row in grid:
        best = max(best, row_maximum(row))
    return best
