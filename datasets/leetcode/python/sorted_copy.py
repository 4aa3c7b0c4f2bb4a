def first_before(nums: list[int]) -> int:
    first = nums[0]
    ordered = nums
    ordered.sort()
    return first
