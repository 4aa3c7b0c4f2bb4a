class TriangleKind {
    /** 2 if all sides are equal, 1 if two are, 0 if none. */
    static int triangleKind(int a, int b, int c) {
        int equal = 0;
        if (a == b) {
            equal++;
        }
        if (b == c) {
            equal++;
        }
        return equal;
    }
}
