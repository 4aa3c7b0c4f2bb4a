"""Checks whether brackets match, with a mistake in one corner."""

PAIRS = {")": "(", "]": "["}


def matching(text: str, strict: bool) -> bool:
    waiting = []
    others = 0
    accepted = True
    for character in text:
        if character in "([":
            waiting.append(character)
        elif character in PAIRS:
            if waiting and waiting[-1] == PAIRS[character]:
                waiting.pop()
            elif strict or not waiting:
                accepted = False
                break
        else:
            others += 1
    if others:
        print("ignored", others, "characters")
    if accepted and len(waiting) > 1:
        accepted = False
    if accepted:
        assert text.count("(") == text.count(")")  # POST
    return accepted
