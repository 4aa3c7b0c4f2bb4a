static long long sum(const int *nums, int from, int to) {
    long long total = 0;
    for (int i = from; i < to; i++) {
        total += nums[i];
    }
    return total;
}

int balance_point(const int *nums, int n) {
    long long before = 0;
    long long behind = sum(nums, 0, n);
    for (int i = 0; i < n; i++) {
        behind -= nums[i];
        if (before == behind) {
            return i;
        }
        before += nums[i];
    }
    return -1;
}
