#include <stdlib.h>
#include <string.h>

int walk(const char *moves) {
    int x = 0, y = 0;
    int dx = 0, dy = 1;
    for (int i = 0; moves[i]; i++) {
        int turned = dx;
        switch (moves[i]) {
        case 'L':
            dx = -dy;
            dy = turned;
            break;
        case 'R':
            dx = dy;
            dy = -turned;
            break;
        case 'F':
            x += dx;
            y += dy;
            break;
        default:
            break;
        }
    }
    return abs(x) + abs(y);
}
