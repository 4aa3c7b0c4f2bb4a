class WindowSum {
    static long bestWindow(int[] nums, int width) {
        long here = 0;
        long best = Long.MIN_VALUE;
        for (int i = 0; i < nums.length; i++) {
            if (i >= width) {
                best = Math.max(best, here);
                here -= nums[i - width];
            }
            here += nums[i];
        }
        return best == Long.MIN_VALUE ? here : best;
    }
}
