def best_window(nums: list[int], width: int) -> int:
    here = sum(nums[:width])
    best = here
    for start in range(1, len(nums) - width):
        here += nums[start + width - 1] - nums[start - 1]
        best = max(best, here)
    return best
