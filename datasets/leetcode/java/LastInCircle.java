import java.util.ArrayList;
import java.util.List;

class LastInCircle {
    static int lastInCircle(int people, int step) {
        List<Integer> circle = new ArrayList<>();
        for (int i = 1; i <= people; i++) {
            circle.add(i);
        }
        int at = 0;
        while (circle.size() > 1) {
            at = (at + step - 1) % circle.size();
            circle.remove(at);
        }
        return circle.get(0);
    }
}
