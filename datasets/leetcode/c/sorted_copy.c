#include <stdlib.h>

static int compare(const void *a, const void *b) {
    int x = *(const int *)a, y = *(const int *)b;
    return (x > y) - (x < y);
}

int first_before(int *nums, int n) {
    int first = nums[0];
    int *ordered = nums;
    qsort(ordered, (size_t)n, sizeof *ordered, compare);
    return first;
}
