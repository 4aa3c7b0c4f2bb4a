def squeeze_blanks(text: str) -> str:
    out = ""
    for letter in text:
        if letter == " " and out.endswith(" "):
            continue
        out += letter
    return out
