class BinarySearch {
    static int find(int[] nums, int wanted) {
        return search(nums, wanted, 0, nums.length - 1);
    }

    private static int search(int[] nums, int wanted, int low, int high) {
        if (low >= high) {
            return -1;
        }
        int middle = (low + high) >>> 1;
        if (nums[middle] == wanted) {
            return middle;
        }
        if (nums[middle] > wanted) {
            return search(nums, wanted, low, middle - 1);
        }
        return search(nums, wanted, middle + 1, high);
    }
}
