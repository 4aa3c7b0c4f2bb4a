import tank


def run(size: int, by: int) -> int:
    # PRE: size > 0 and by <= size
    vessel = tank.Tank(size)
    return vessel.fill(by)
