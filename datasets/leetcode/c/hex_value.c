int hex_value(char digit) {
    if (digit <= '9') {
        return digit - '0';
    }
    return digit - '`' + 10;
}
