/** Names as they stand on a badge. */
class Initials {
    static final int WIDTH = 12;

    /**
     * Shortens a name to the width of a badge.
     *
     * @requires name != null
     * @ensures result.length() <= WIDTH
     */
    static String badge(String name, boolean loud, boolean guest) {
        String text = name.trim();
        int removed = 0;
        while (text.length() > WIDTH) {
            int blank = text.lastIndexOf(' ');
            if (blank < 0) {
                text = text.substring(0, WIDTH);
            } else {
                text = text.substring(0, blank).trim();
            }
            removed++;
        }
        if (removed > 0) {
            System.out.println("shortened " + removed + " times");
        }
        if (loud) {
            text = text.toUpperCase();
        }
        if (guest) {
            text = text + " *";
        }
        return text;
    }
}
