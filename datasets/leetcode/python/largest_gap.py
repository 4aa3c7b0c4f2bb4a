def largest_gap(nums: list[int]) -> int:
    gap = 0
    for i in range(1, len(nums)):
        step = nums[i] - nums[i - 1]
        if step < 0:
            step = -step
        if step > gap:
            gap = step
    return gap
