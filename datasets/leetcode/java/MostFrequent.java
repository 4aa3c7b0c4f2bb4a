import java.util.LinkedHashMap;
import java.util.Map;

class MostFrequent {
    static int mostFrequent(int[] nums) {
        Map<Integer, Integer> counts = new LinkedHashMap<>();
        for (int x : nums) {
            counts.put(x, counts.getOrDefault(x, 0) + 1);
        }
        int best = nums[0];
        int most = 0;
        for (Map.Entry<Integer, Integer> entry : counts.entrySet()) {
            if (entry.getValue() >= most) {
                most = entry.getValue();
                best = entry.getKey();
            }
        }
        return best;
    }
}
