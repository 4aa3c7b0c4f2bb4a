class WholeRoot {
    static int wholeRoot(int n) {
        int root = 0;
        int odd = 1;
        int square = 1;
        while (square < n) {
            root++;
            odd += 2;
            square += odd;
        }
        return root;
    }
}
