def bubble_sort(nums: list[int]) -> None:
    n = len(nums)
    for done in range(n):
        swapped = False
        for i in range(n - done - 2):
            if nums[i] > nums[i + 1]:
                nums[i], nums[i + 1] = nums[i + 1], nums[i]
                swapped = True
        if not swapped:
            return
