def hex_value(digit: str) -> int:
    if "0" <= digit <= "9":
        return ord(digit) - ord("0")
    if "A" <= digit <= "F":
        return ord(digit) - ord("A") + 10
    return ord(digit) - ord("A") + 10
