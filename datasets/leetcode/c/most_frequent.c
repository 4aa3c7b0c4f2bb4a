#include <stdbool.h>

static int times(const int *nums, int n, int wanted) {
    int count = 0;
    for (int i = 0; i < n; i++) {
        if (nums[i] == wanted) {
            count++;
        }
    }
    return count;
}

static bool all_different(const int *nums, int n) {
    for (int i = 0; i < n; i++) {
        if (times(nums, n, nums[i]) > 1) {
            return false;
        }
    }
    return true;
}

int most_frequent(const int *nums, int n) {
    int best = 0;
    int found = 0;
    for (int i = 0; i < n; i++) {
        int count = times(nums, n, nums[i]);
        if (count >= best) {
            best = count;
            found = nums[i];
        }
    }
    return found;
}
