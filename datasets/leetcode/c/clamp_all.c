#include <stdbool.h>

static bool all_between(const int *nums, int n, int low, int high) {
    for (int i = 0; i < n; i++) {
        if (nums[i] < low || nums[i] > high) {
            return false;
        }
    }
    return true;
}

void clamp_all(int *nums, int n, int low, int high) {
    for (int i = 0; i < n; i++) {
        nums[i] = nums[i] < low ? low : nums[i];
        nums[i] = nums[i] > high ? high : nums[i];
    }
}
