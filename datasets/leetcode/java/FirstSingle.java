import java.util.HashSet;
import java.util.Set;

class FirstSingle {
    static int firstSingle(String word) {
        Set<Character> behind = new HashSet<>();
        int found = -1;
        for (int i = word.length() - 1; i >= 0; i--) {
            if (behind.add(word.charAt(i))) {
                found = i;
            }
        }
        return found;
    }
}
