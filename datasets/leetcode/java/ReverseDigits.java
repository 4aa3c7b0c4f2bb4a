class ReverseDigits {
    static int reverseDigits(int n) {
        String digits = Integer.toString(Math.abs(n));
        StringBuilder turned = new StringBuilder();
        for (int i = digits.length() - 1; i >= 0; i--) {
            turned.append(digits.charAt(i));
        }
        return Integer.parseInt(turned.toString());
    }
}
