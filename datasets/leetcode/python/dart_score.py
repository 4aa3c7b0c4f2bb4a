def points_left(left: int, throws: list[int]) -> int:
    for points in throws:
        if left == 0:
            break
        left -= points
    return left
