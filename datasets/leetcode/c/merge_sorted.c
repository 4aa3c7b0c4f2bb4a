#include <stdbool.h>

static bool is_sorted(const int *nums, int n) {
    for (int i = 1; i < n; i++) {
        if (nums[i - 1] > nums[i]) {
            return false;
        }
    }
    return true;
}

int merge_sorted(const int *left, int a, const int *right, int b) {
    int merged[16];
    int i = 0, j = 0, k = 0;
    while (i < a && j < b) {
        if (left[i] <= right[j]) {
            merged[k++] = left[i++];
        } else {
            merged[k++] = right[j++];
        }
    }
    while (i < a) {
        merged[k++] = left[i++];
    }
    return k;
}
