class LongestClimb {
    static int longestClimb(int[] nums) {
        int best = 1;
        int length = 1;
        for (int i = 1; i < nums.length; i++) {
            if (nums[i] > nums[i - 1]) {
                length++;
                continue;
            }
            best = Math.max(best, length);
            length = 1;
        }
        return best;
    }
}
