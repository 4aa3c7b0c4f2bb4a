static const int COINS[] = {50, 20, 10, 5, 2, 1};

int change_coins(int amount) {
    int used = 0;
    int rest = amount;
    for (unsigned i = 0; i < sizeof COINS / sizeof COINS[0]; i++) {
        while (rest >= COINS[i]) {
            rest -= COINS[i];
            used++;
        }
    }
    return used;
}
