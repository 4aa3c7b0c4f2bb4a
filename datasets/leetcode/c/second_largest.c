#include <stdbool.h>

static bool contains(const int *nums, int n, int wanted) {
    for (int i = 0; i < n; i++) {
        if (nums[i] == wanted) {
            return true;
        }
    }
    return false;
}

static bool all_different(const int *nums, int n) {
    for (int i = 0; i < n; i++) {
        if (contains(nums, i, nums[i])) {
            return false;
        }
    }
    return true;
}

int second_largest(const int *nums, int n) {
    int best = 0, second = 0;
    for (int i = 0; i < n; i++) {
        if (nums[i] > best) {
            second = best;
            best = nums[i];
        } else if (nums[i] > second && nums[i] != best) {
            second = nums[i];
        }
    }
    return second;
}
