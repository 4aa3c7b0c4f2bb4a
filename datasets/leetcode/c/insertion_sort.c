#include <stdbool.h>

static bool is_sorted(const int *nums, int n) {
    for (int i = 1; i < n; i++) {
        if (nums[i - 1] > nums[i]) {
            return false;
        }
    }
    return true;
}

void insertion_sort(int *nums, int n) {
    for (int i = 1; i < n; i++) {
        int held = nums[i];
        int j = i - 1;
        for (; j >= 0 && nums[j] > held; j--) {
            nums[j + 1] = nums[j];
        }
        nums[j + 1] = held;
    }
}
