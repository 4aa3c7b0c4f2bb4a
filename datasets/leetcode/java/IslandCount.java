import java.util.ArrayDeque;
import java.util.Deque;

class IslandCount {
    static int countIslands(int[] cells, int width) {
        int islands = 0;
        for (int start = 0; start < cells.length; start++) {
            if (cells[start] != 1) {
                continue;
            }
            islands++;
            Deque<Integer> open = new ArrayDeque<>();
            open.push(start);
            while (!open.isEmpty()) {
                int at = open.pop();
                if (at < 0 || at >= cells.length || cells[at] != 1) {
                    continue;
                }
                cells[at] = 0;
                if (at >= width) {
                    open.push(at - width);
                }
                if (at < cells.length - width) {
                    open.push(at + width);
                }
                if (at % width > 0) {
                    open.push(at - 1);
                }
                if (at % width < width - 1) {
                    open.push(at + 1);
                }
            }
        }
        return islands;
    }
}
