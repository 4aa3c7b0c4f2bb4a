def same_diagonals(grid: list[int], side: int) -> bool:
    down = 0
    up = 0
    for i in range(side):
        down += grid[i * side + i]
        up += grid[i * side + (side - 1 - i)]
    return down == up
