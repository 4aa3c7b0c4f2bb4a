class CoinWays {
    static int coinWays(int amount) {
        int[] coins = {1, 2};
        int[] ways = new int[amount + 1];
        ways[0] = 1;
        for (int total = 1; total <= amount; total++) {
            for (int coin : coins) {
                if (total - coin >= 0) {
                    ways[total] += ways[total - coin];
                }
            }
        }
        return ways[amount];
    }
}
