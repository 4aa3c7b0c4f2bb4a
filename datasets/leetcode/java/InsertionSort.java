class InsertionSort {
    static void insertionSort(int[] nums) {
        for (int i = 1; i < nums.length; i++) {
            for (int j = i; j > 0 && nums[j - 1] > nums[j]; j--) {
                swap(nums, j - 1, j);
            }
        }
    }

    private static void swap(int[] nums, int i, int j) {
        int kept = nums[i];
        nums[i] = nums[j];
        nums[j] = kept;
    }
}
