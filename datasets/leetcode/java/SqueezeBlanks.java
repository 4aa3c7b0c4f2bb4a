class SqueezeBlanks {
    static String squeezeBlanks(String text) {
        StringBuilder out = new StringBuilder();
        boolean blank = false;
        for (char letter : text.toCharArray()) {
            if (letter != ' ') {
                out.append(letter);
                blank = false;
            } else if (!blank) {
                out.append(letter);
                blank = true;
            }
        }
        return out.toString();
    }
}
