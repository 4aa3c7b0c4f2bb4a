#include <stdbool.h>

static bool rises(const int *nums, int n) {
    for (int i = 1; i < n; i++) {
        if (nums[i - 1] >= nums[i]) {
            return false;
        }
    }
    return true;
}

int longest_climb(const int *nums, int n) {
    int best = 1;
    int start = 0;
    for (int i = 1; i < n; i++) {
        if (nums[i] > nums[i - 1]) {
            continue;
        }
        if (i - start > best) {
            best = i - start;
        }
        start = i;
    }
    return best;
}
