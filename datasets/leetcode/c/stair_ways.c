int stair_ways(int steps) {
    int before = 1, here = 1;
    for (int i = 2; i <= steps; i++) {
        int next = before + here;
        before = here;
        here = next;
    }
    return here;
}
