def transpose(square):
    n = len(square)
    for i in range(n):
        for j in range(n):
            square[i][j], square[j][i] = square[j][i], square[i][j]


def lower_left(a: int, b: int, c: int, d: int) -> int:
    square = [[a, b], [c, d]]
    transpose(square)
    return square[1][0]
