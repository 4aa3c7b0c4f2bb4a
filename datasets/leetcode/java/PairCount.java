import java.util.HashMap;
import java.util.Map;

class PairCount {
    static int pairCount(int[] nums, int target) {
        Map<Long, Integer> seen = new HashMap<>();
        int pairs = 0;
        for (int x : nums) {
            pairs += seen.getOrDefault((long) target - x, 0);
            seen.merge((long) x, 1, Integer::sum);
        }
        return pairs;
    }
}
