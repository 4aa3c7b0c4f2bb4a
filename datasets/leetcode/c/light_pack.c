#include <stdbool.h>
#include <string.h>

static bool all_between(const int *nums, int n, int low, int high) {
    for (int i = 0; i < n; i++) {
        if (nums[i] < low || nums[i] > high) {
            return false;
        }
    }
    return true;
}

static int sum(const int *nums, int n) {
    int total = 0;
    for (int i = 0; i < n; i++) {
        total += nums[i];
    }
    return total;
}

int fullest(const int *sizes, int n, int room) {
    bool reachable[13];
    memset(reachable, 0, sizeof reachable);
    reachable[0] = true;
    int best = 0;
    for (int i = 0; i < n; i++) {
        for (int total = sizes[i]; total <= room; total++) {
            if (reachable[total - sizes[i]]) {
                reachable[total] = true;
                best = total > best ? total : best;
            }
        }
    }
    return best;
}
