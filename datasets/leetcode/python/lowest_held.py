from typing import Optional


class LowestStack:
    def __init__(self):
        self.items = []
        self.lowest = []

    def push(self, x):
        self.items.append(x)
        if not self.lowest or x <= self.lowest[-1]:
            self.lowest.append(x)

    def pop(self):
        if self.items and self.items.pop() == self.lowest[-1]:
            self.lowest.pop()


def lowest_held(steps: list[int]) -> Optional[int]:
    """Pushes numbers; 0 takes the last one off."""
    stack = LowestStack()
    for step in steps:
        if step == 0:
            stack.pop()
        else:
            stack.push(step)
    return stack.lowest[-1] if stack.lowest else None
