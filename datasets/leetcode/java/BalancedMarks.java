import java.util.ArrayDeque;
import java.util.Deque;

class BalancedMarks {
    static boolean isBalanced(String text) {
        Deque<Character> expected = new ArrayDeque<>();
        for (char mark : text.toCharArray()) {
            switch (mark) {
                case '(':
                    expected.push(')');
                    break;
                case '[':
                    expected.push(']');
                    break;
                case ')':
                case ']':
                    if (expected.isEmpty() || expected.pop() != mark) {
                        return false;
                    }
                    break;
                default:
                    break;
            }
        }
        return true;
    }
}
