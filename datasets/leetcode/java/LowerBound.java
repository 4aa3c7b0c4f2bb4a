class LowerBound {
    static int lowerBound(int[] nums, int wanted) {
        int at = 0;
        while (at < nums.length && nums[at] < wanted) {
            at++;
        }
        return at;
    }
}
