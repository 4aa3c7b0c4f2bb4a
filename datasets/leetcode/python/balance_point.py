def balance_point(nums: list[int]) -> int:
    total = sum(nums)
    before = 0
    for i, x in enumerate(nums):
        if before == total - before - x:
            return i
        before += x
    return -1
