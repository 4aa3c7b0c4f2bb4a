def caps_first(text: str) -> str:
    out = []
    start = True
    for letter in text:
        if start and "a" <= letter <= "z":
            letter = chr(ord(letter) - 32)
        out.append(letter)
        start = letter == " "
    return "".join(out)
