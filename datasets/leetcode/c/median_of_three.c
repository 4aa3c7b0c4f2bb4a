static int smaller(int x, int y) {
    return x < y ? x : y;
}

static int larger(int x, int y) {
    return x < y ? y : x;
}

int median(int a, int b, int c) {
    return larger(smaller(a, b), smaller(larger(a, b), c));
}
