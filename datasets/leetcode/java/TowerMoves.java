class TowerMoves {
    private int done;

    private void move(int disks, char start, char end, char spare) {
        if (disks > 0) {
            move(disks - 1, start, spare, end);
            done++;
            move(disks - 1, spare, end, start);
        }
    }

    static int towerMoves(int disks) {
        TowerMoves tower = new TowerMoves();
        tower.move(disks, 'A', 'C', 'B');
        return tower.done;
    }
}
