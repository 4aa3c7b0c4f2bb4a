int pair_count(const int *nums, int n, int target) {
    int pairs = 0;
    for (int i = 0; i < n; i++) {
        for (int j = i + 1; j < n; j++) {
            if ((long long)nums[i] + nums[j] == target) {
                pairs++;
            }
        }
    }
    return pairs;
}
