import java.util.HashMap;
import java.util.Map;

class AnagramCheck {
    static boolean areAnagrams(String first, String second) {
        Map<Character, Integer> wanted = counts(first);
        Map<Character, Integer> given = counts(second);
        for (Map.Entry<Character, Integer> entry : wanted.entrySet()) {
            if (!entry.getValue().equals(given.get(entry.getKey()))) {
                return false;
            }
        }
        return true;
    }

    private static Map<Character, Integer> counts(String text) {
        Map<Character, Integer> counts = new HashMap<>();
        for (char letter : text.toCharArray()) {
            counts.merge(letter, 1, Integer::sum);
        }
        return counts;
    }
}
