class HexValue {
    static int hexValue(char digit) {
        int value = digit - '0';
        if (value > 9) {
            value = digit - ('a' - 1) + 10;
        }
        return value;
    }
}
