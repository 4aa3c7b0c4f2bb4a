#include <stdbool.h>

static bool is_sorted(const int *nums, int n) {
    for (int i = 1; i < n; i++) {
        if (nums[i - 1] > nums[i]) {
            return false;
        }
    }
    return true;
}

static bool contains(const int *nums, int n, int wanted) {
    for (int i = 0; i < n; i++) {
        if (nums[i] == wanted) {
            return true;
        }
    }
    return false;
}

int find(const int *nums, int n, int wanted) {
    int low = 0;
    int high = n;
    while (low + 1 < high) {
        int middle = low + (high - low) / 2;
        if (nums[middle] == wanted) {
            return middle;
        }
        if (nums[middle] < wanted) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return -1;
}
