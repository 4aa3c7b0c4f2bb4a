int whole_root(int n) {
    int low = 0, high = n + 1;
    while (high - low > 1) {
        int middle = low + (high - low) / 2;
        if (middle * middle < n) {
            low = middle;
        } else {
            high = middle;
        }
    }
    return low;
}
