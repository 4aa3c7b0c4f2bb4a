def are_anagrams(first: str, second: str) -> bool:
    counts = {}
    for letter in first:
        counts[letter] = counts.get(letter, 0) + 1
    for letter in second:
        if letter in counts:
            counts[letter] -= 1
    return all(n == 0 for n in counts.values())
