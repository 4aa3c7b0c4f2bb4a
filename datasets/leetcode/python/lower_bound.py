def lower_bound(nums: list[int], wanted: int) -> int:
    low, high = 0, len(nums)
    while low < high:
        middle = (low + high) // 2
        if nums[middle] < wanted:
            low = middle + 1
        else:
            high = middle
    return low
