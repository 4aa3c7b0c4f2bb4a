def drop(x):
    if x < 0:
        x = 0
    return x - 1
