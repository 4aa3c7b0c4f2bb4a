import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;

class CacheEvict {
    private final int room;
    private final Map<Integer, Integer> values = new HashMap<>();
    private final Deque<Integer> order = new ArrayDeque<>();

    CacheEvict(int room) {
        this.room = room;
    }

    private void put(int key, int value) {
        if (!values.containsKey(key)) {
            if (values.size() == room) {
                values.remove(order.poll());
            }
            order.add(key);
        }
        values.put(key, value);
    }

    static int filled(int[] keys, int room) {
        CacheEvict cache = new CacheEvict(room);
        for (int key : keys) {
            cache.put(key, 2 * key);
        }
        return cache.values.size();
    }
}
