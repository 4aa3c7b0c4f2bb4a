def insertion_sort(nums: list[int]) -> None:
    for i in range(1, len(nums)):
        held = nums[i]
        j = i
        while j > 0 and nums[j - 1] > held:
            nums[j] = nums[j - 1]
            j -= 1
        nums[j] = held
