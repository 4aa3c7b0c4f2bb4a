def word_count(line: str) -> int:
    if line == "":
        return 0
    words = 1
    for letter in line:
        if letter == " ":
            words += 1
    return words
