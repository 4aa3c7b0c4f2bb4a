class BitCount {
    static int bitCount(int n) {
        int count = 0;
        for (int bit = 0; bit < 32; bit++) {
            if ((n >>> bit & 1) == 1) {
                count++;
            }
        }
        return count;
    }
}
