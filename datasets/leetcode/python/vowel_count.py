def vowel_count(word: str) -> int:
    count = 0
    for letter in word:
        if letter.lower() in ("a", "e", "i", "o", "u"):
            count += 1
    return count
