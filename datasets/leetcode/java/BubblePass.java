class BubblePass {
    static void bubbleSort(int[] nums) {
        boolean swapped = true;
        int end = nums.length - 1;
        while (swapped && end > 0) {
            for (int i = 0; i < end; i++) {
                swapped = nums[i] > nums[i + 1];
                if (swapped) {
                    int kept = nums[i];
                    nums[i] = nums[i + 1];
                    nums[i + 1] = kept;
                }
            }
            end--;
        }
    }
}
