/* 2 if all sides are equal, 1 if two are, 0 if none. */
int triangle_kind(int a, int b, int c) {
    if (a == b) {
        return b == c ? 2 : 1;
    }
    if (b == c) {
        return 1;
    }
    return 0;
}
