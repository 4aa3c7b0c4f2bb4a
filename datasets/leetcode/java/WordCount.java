class WordCount {
    static int wordCount(String line) {
        if (line.isEmpty()) {
            return 0;
        }
        int words = 1;
        for (int i = 0; i < line.length(); i++) {
            if (line.charAt(i) == ' ') {
                words++;
            }
        }
        return words;
    }
}
