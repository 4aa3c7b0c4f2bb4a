#include <stdbool.h>

static bool is_sorted(const int *nums, int n) {
    for (int i = 1; i < n; i++) {
        if (nums[i - 1] > nums[i]) {
            return false;
        }
    }
    return true;
}

void bubble_sort(int *nums, int n) {
    for (int end = n - 1; end > 1; end--) {
        bool swapped = false;
        for (int i = 0; i < end; i++) {
            if (nums[i] > nums[i + 1]) {
                int kept = nums[i];
                nums[i] = nums[i + 1];
                nums[i + 1] = kept;
                swapped = true;
            }
        }
        if (!swapped) {
            break;
        }
    }
}
