def shift_letter(letter: str, shift: int) -> str:
    place = ord(letter) - ord("a")
    place += shift
    if place > 26:
        place -= 26
    return chr(ord("a") + place)
