#include <stdbool.h>

static bool is_sorted(const int *nums, int n) {
    for (int i = 1; i < n; i++) {
        if (nums[i - 1] > nums[i]) {
            return false;
        }
    }
    return true;
}

int lower_bound(const int *nums, int n, int wanted) {
    int start = 0;
    int length = n;
    while (length > 0) {
        int half = length / 2;
        if (nums[start + half] < wanted) {
            start += half + 1;
            length -= half + 1;
        } else {
            length = half;
        }
    }
    return start;
}
