class LightPack {
    static int fullest(int[] sizes, int room) {
        int[] best = new int[room + 1];
        for (int size : sizes) {
            for (int space = size; space <= room; space++) {
                best[space] = Math.max(best[space], best[space - size] + size);
            }
        }
        return best[room];
    }
}
