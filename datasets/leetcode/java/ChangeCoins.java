class ChangeCoins {
    private static final int[] COINS = {50, 20, 10, 5, 2, 1};

    static int changeCoins(int amount) {
        int used = 0;
        int at = 0;
        int rest = amount;
        do {
            if (rest >= COINS[at]) {
                used += rest / COINS[at];
                rest %= COINS[at];
            }
            at++;
        } while (rest > 0);
        return used;
    }
}
