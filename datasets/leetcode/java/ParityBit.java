class ParityBit {
    static int parity(int value) {
        int folded = value ^ (value >> 2);
        folded ^= folded >> 1;
        return folded & 1;
    }
}
