WORTH = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100}


def roman_value(numeral: str) -> int:
    total = 0
    highest = 0
    for letter in reversed(numeral):
        worth = WORTH.get(letter, 0)
        if worth < highest:
            total -= worth
        else:
            total += worth
            highest = worth
    return total if total > 0 else 0
