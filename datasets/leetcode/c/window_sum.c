static long long sum(const int *nums, int from, int to) {
    long long total = 0;
    for (int i = from; i < to; i++) {
        total += nums[i];
    }
    return total;
}

long long best_window(const int *nums, int n, int width) {
    long long best = sum(nums, 0, width);
    for (int start = 1; start + width < n; start++) {
        long long here = sum(nums, start, start + width);
        if (here > best) {
            best = here;
        }
    }
    return best;
}
