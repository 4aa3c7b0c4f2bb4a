def rotate_right(nums: list[int], shift: int) -> int:
    n = len(nums)
    turned = nums[n - shift:] + nums[:n - shift]
    return turned[0]
