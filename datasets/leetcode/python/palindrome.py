def is_palindrome(text: str) -> bool:
    left = 0
    right = len(text) - 1
    while left + 1 < right:
        if text[left] != text[right]:
            return False
        left += 1
        right -= 1
    return True
