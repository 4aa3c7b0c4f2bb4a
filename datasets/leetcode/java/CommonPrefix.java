class CommonPrefix {
    static String commonPrefix(String first, String second) {
        int most = Math.min(first.length(), second.length());
        for (int i = 0; i < most; i++) {
            if (first.charAt(i) != second.charAt(i)) {
                return first.substring(0, i);
            }
        }
        return first.substring(0, most);
    }
}
