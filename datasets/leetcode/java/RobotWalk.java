class RobotWalk {
    private enum Facing {
        NORTH(0, 1), EAST(1, 0), SOUTH(0, -1), WEST(-1, 0);

        final int dx;
        final int dy;

        Facing(int dx, int dy) {
            this.dx = dx;
            this.dy = dy;
        }

        Facing turned(int quarters) {
            return values()[(ordinal() + quarters + 4) % 4];
        }
    }

    static int walk(String moves) {
        int x = 0;
        int y = 0;
        Facing facing = Facing.NORTH;
        for (char move : moves.toCharArray()) {
            if (move == 'L') {
                facing = facing.turned(-1);
            } else if (move == 'R') {
                facing = facing.turned(1);
            } else if (move == 'F') {
                x += facing.dx;
                y += facing.dy;
            }
        }
        return Math.abs(x) + Math.abs(y);
    }
}
