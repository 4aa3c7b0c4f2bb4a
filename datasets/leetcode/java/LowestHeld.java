import java.util.ArrayDeque;
import java.util.Deque;

class LowestHeld {
    /** Pushes numbers; 0 takes the last one off. */
    static int lowestHeld(int[] steps) {
        Deque<int[]> stack = new ArrayDeque<>();
        for (int step : steps) {
            if (step == 0) {
                stack.poll();
                continue;
            }
            int before = stack.isEmpty() ? step : stack.peek()[1];
            stack.push(new int[] {step, Math.min(step, before)});
        }
        return stack.isEmpty() ? 0 : stack.peek()[1];
    }
}
