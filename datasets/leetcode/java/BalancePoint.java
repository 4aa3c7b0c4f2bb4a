class BalancePoint {
    static int balancePoint(int[] nums) {
        long total = 0;
        for (int x : nums) {
            total += x;
        }
        long before = 0;
        for (int i = 0; i < nums.length; i++) {
            if (before == total - before - nums[i]) {
                return i;
            }
            before += nums[i];
        }
        return -1;
    }
}
