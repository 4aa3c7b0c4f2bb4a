#include <stdbool.h>
#include <stddef.h>

/* A disk that counts its open files. */
struct disk {
    int open;
    int files;
    int free_blocks;
};

static bool open_file(struct disk *disk) {
    if (disk->files <= 0) {
        return false;
    }
    disk->open++;
    return true;
}

static void close_file(struct disk *disk) {
    disk->open--;
}

/* Empties all but the newest files. */
int rotate(struct disk *disk, int keep) {
    int emptied = 0;
    for (int i = 0; i < 20; i++) {
        if (!open_file(disk)) {
            break;
        }
        if (i < keep) {
            close_file(disk);
            continue;
        }
        if (disk->free_blocks < 0) {
            close_file(disk);
            return -1;
        }
        emptied++;
        close_file(disk);
    }
    return emptied;
}
