class LargestGap {
    static long largestGap(int[] nums) {
        long gap = 0;
        for (int i = 1; i < nums.length; i++) {
            long step = (long) nums[i] - nums[i - 1];
            gap = Math.max(gap, step < 0 ? -step : step);
        }
        return gap;
    }
}
