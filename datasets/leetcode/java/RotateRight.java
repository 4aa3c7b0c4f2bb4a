class RotateRight {
    static int rotateRight(int[] nums, int shift) {
        int n = nums.length;
        int[] turned = new int[n];
        for (int i = 0; i < n; i++) {
            int to = i + shift;
            if (to >= n) {
                to = to - n;
            }
            if (to < n) {
                turned[to] = nums[i];
            }
        }
        return turned[0];
    }
}
