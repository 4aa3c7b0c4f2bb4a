class RemoveMarked {
    static int removeMarked(int[] nums, int mark) {
        int kept = 0;
        int end = nums.length;
        while (kept < end) {
            if (nums[kept] == mark) {
                end--;
                nums[kept] = nums[end];
            } else {
                kept++;
            }
        }
        return kept;
    }
}
