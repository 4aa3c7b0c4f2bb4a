class Palindrome {
    static boolean isPalindrome(String text) {
        return inside(text, 0, text.length() - 1);
    }

    private static boolean inside(String text, int left, int right) {
        if (right - left < 2) {
            return true;
        }
        if (text.charAt(left) != text.charAt(right)) {
            return false;
        }
        return inside(text, left + 1, right - 1);
    }
}
