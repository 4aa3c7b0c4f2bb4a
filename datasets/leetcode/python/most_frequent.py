def most_frequent(nums: list[int]) -> int:
    counts = {}
    for x in nums:
        counts[x] = counts.get(x, 0) + 1
    best = nums[0]
    for x, count in counts.items():
        if count >= counts[best]:
            best = x
    return best
