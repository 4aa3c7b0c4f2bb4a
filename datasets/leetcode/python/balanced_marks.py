PAIRS = {")": "(", "]": "["}


def is_balanced(text: str) -> bool:
    open_marks = []
    for mark in text:
        if mark in "([":
            open_marks.append(mark)
        elif mark in PAIRS:
            if not open_marks or open_marks.pop() != PAIRS[mark]:
                return False
    return True
