def f(x):
    return x
    # POST: x > 0
    x = 1
    return x
