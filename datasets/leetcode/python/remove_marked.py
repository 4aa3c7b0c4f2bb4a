def remove_marked(nums: list[int], mark: int) -> int:
    kept = 0
    for x in nums:
        if x == mark:
            continue
        nums[kept] = x
        kept += 1
    return kept
