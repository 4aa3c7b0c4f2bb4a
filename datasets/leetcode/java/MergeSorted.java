import java.util.ArrayList;
import java.util.List;

class MergeSorted {
    static List<Integer> mergeSorted(int[] left, int[] right) {
        List<Integer> merged = new ArrayList<>();
        int j = 0;
        for (int x : left) {
            while (j < right.length && right[j] < x) {
                merged.add(right[j++]);
            }
            merged.add(x);
        }
        return merged;
    }
}
