def longest_climb(nums: list[int]) -> int:
    best = 1
    length = 1
    for before, here in zip(nums, nums[1:]):
        if here > before:
            length += 1
        else:
            if length > best:
                best = length
            length = 1
    return best
