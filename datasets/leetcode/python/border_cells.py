def border_cells(rows: int, cols: int) -> int:
    count = 0
    for r in range(rows):
        if r == 0 or r == rows - 1:
            count += cols
    for c in range(cols):
        if c == 0 or c == cols - 1:
            count += rows
    return count
