class ClampAll {
    static void clampAll(int[] nums, int low, int high) {
        for (int i = 0; i < nums.length; i++) {
            nums[i] = Math.min(high, Math.max(low, nums[i]));
        }
    }
}
