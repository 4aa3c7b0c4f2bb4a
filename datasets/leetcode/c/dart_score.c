#include <stdbool.h>

static bool all_between(const int *nums, int n, int low, int high) {
    for (int i = 0; i < n; i++) {
        if (nums[i] < low || nums[i] > high) {
            return false;
        }
    }
    return true;
}

static bool is_bust(int left, int points) {
    return points > left + 1;
}

int points_left(int left, const int *hits, int n) {
    int rest = left;
    for (int i = 0; i < n && rest > 0; i++) {
        if (is_bust(rest, hits[i])) {
            continue;
        }
        rest -= hits[i];
    }
    return rest;
}
