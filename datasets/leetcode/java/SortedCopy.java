import java.util.Arrays;

class SortedCopy {
    static int firstBefore(int[] nums) {
        int first = nums[0];
        int[] ordered = nums;
        Arrays.sort(ordered);
        return first;
    }
}
