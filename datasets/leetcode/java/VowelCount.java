class VowelCount {
    private static final String VOWELS = "aeiou";

    static int vowelCount(String word) {
        int count = 0;
        for (int i = 0; i < word.length(); i++) {
            if (VOWELS.indexOf(Character.toLowerCase(word.charAt(i))) >= 0) {
                count++;
            }
        }
        return count;
    }
}
