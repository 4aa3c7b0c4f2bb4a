def heater(on: bool, temp: int, low: int, high: int) -> bool:
    if temp < low:
        on_now = True
    elif temp >= high:
        on_now = False
    else:
        on_now = False
    return on_now
