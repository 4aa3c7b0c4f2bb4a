int bit_count(int n) {
    int count = 0;
    for (unsigned rest = (unsigned)n; rest != 0; rest >>= 1) {
        count += (int)(rest & 1u);
    }
    return count;
}
