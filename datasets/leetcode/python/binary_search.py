def find(nums: list[int], wanted: int) -> int:
    low = 0
    high = len(nums) - 1
    while low < high:
        middle = (low + high) // 2
        if nums[middle] == wanted:
            return middle
        if nums[middle] < wanted:
            low = middle + 1
        else:
            high = middle - 1
    return -1
