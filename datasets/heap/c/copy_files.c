#include <stdbool.h>
#include <stddef.h>

/* A disk that counts its open files. */
struct disk {
    int open;
    int files;
    int free_blocks;
};

static bool open_file(struct disk *disk, int number, bool create) {
    if (create ? disk->free_blocks <= 0 : number >= disk->files) {
        return false;
    }
    disk->open++;
    return true;
}

static void close_file(struct disk *disk) {
    disk->open--;
}

int copy(struct disk *disk, int from, int to, int blocks) {
    if (!open_file(disk, from, false)) {
        return -1;
    }
    if (!open_file(disk, to, true)) {
        return -2;
    }
    int copied = 0;
    while (copied < blocks && disk->free_blocks > 0) {
        disk->free_blocks--;
        copied++;
    }
    close_file(disk);
    close_file(disk);
    return copied;
}
