int last_in_circle(int people, int step) {
    int place = 0;
    for (int size = 2; size <= people; size++) {
        place = (place + step) % size;
    }
    return place + 1;
}
