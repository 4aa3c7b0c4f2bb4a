def second_largest(nums: list[int]) -> int:
    best = 0
    second = 0
    for x in nums:
        if x > best:
            second = best
            best = x
        elif x > second and x != best:
            second = x
    return second
