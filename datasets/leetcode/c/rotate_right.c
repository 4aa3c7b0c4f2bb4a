int rotate_right(const int *nums, int n, int shift) {
    int start = n - shift;
    if (start < 0) {
        start = -start;
    }
    if (start >= n) {
        start = 0;
    }
    return nums[start];
}
