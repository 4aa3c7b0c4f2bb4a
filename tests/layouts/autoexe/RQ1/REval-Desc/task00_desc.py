def twice(x):
    _result = x + x + 1
    assert func(_result)  # POST: func is equivalent to: Give back the double of the number. >>> twice(2) 4
