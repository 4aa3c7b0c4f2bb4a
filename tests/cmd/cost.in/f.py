def f(value):
    # PRE: value is a string
    res = 0
    if value.startswith("-"):
        res = -1
    print(value)
    # POST: abs(res) <= 1
    return res
