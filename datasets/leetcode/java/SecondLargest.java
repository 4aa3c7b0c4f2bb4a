class SecondLargest {
    static int secondLargest(int[] nums) {
        int best = 0;
        int second = 0;
        for (int x : nums) {
            if (x > best) {
                second = best;
                best = x;
            } else if (x > second && x != best) {
                second = x;
            }
        }
        return second;
    }
}
