class RomanValue {
    static int romanValue(String numeral) {
        int total = 0;
        int before = 0;
        for (char letter : numeral.toCharArray()) {
            int here = worth(letter);
            total += here;
            if (before < here) {
                total -= 2 * before;
            }
            before = here;
        }
        return Math.max(total, 0);
    }

    private static int worth(char letter) {
        switch (letter) {
            case 'I':
                return 1;
            case 'V':
                return 5;
            case 'X':
                return 10;
            case 'L':
                return 50;
            case 'C':
                return 100;
            default:
                return 0;
        }
    }
}
