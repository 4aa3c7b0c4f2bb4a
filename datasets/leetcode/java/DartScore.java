class DartScore {
    static int pointsLeft(int left, int[] hits) {
        int rest = left;
        int i = 0;
        while (i < hits.length && rest > 0) {
            int after = rest - hits[i];
            if (after == 1) {
                break;
            }
            rest = after;
            i++;
        }
        return rest;
    }
}
