def clamp_all(nums: list[int], low: int, high: int) -> None:
    for i in range(len(nums)):
        if nums[i] < low:
            nums[i] = low
        elif nums[i] > high:
            nums[i] = high
