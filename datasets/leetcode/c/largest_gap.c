#include <stdbool.h>

static long long distance(int a, int b) {
    long long d = (long long)a - b;
    return d < 0 ? -d : d;
}

/* No two neighbours are further apart than gap. */
static bool covers(const int *nums, int n, long long gap) {
    for (int i = 1; i < n; i++) {
        if (distance(nums[i], nums[i - 1]) > gap) {
            return false;
        }
    }
    return true;
}

long long largest_gap(const int *nums, int n) {
    long long gap = 0;
    for (int i = 1; i < n; i++) {
        long long step = distance(nums[i - 1], nums[i]);
        if (step > gap) {
            gap = step;
        }
    }
    return gap;
}
