class CapsFirst {
    static String capsFirst(String text) {
        char[] letters = text.toCharArray();
        for (int i = 0; i < letters.length; i++) {
            boolean start = i == 0 || letters[i - 1] == ' ';
            if (start && letters[i] >= 'a' && letters[i] <= 'z') {
                letters[i] -= 32;
            }
        }
        return new String(letters);
    }
}
