def first_single(word: str) -> int:
    for i, letter in enumerate(word):
        if letter not in word[i + 1:]:
            return i
    return -1
