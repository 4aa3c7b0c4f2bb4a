static const unsigned char ODD[16] = {0, 1, 1, 0, 1, 0, 0, 1, 1, 0, 0, 1, 0, 1, 1, 0};

int parity(int value) {
    int low = value & 0x0f;
    int high = value & 0xf0;
    return ODD[low] ^ ODD[high % 16];
}
