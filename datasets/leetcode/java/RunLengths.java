class RunLengths {
    static int countRuns(String text) {
        int runs = 0;
        int at = 0;
        while (at < text.length()) {
            int end = at + 1;
            while (end < text.length() && text.charAt(end) == text.charAt(at)) {
                end++;
            }
            runs++;
            at = end;
        }
        return runs;
    }
}
