static int ways_to_pay(int rest) {
    if (rest < 0) {
        return 0;
    }
    if (rest == 0) {
        return 1;
    }
    return ways_to_pay(rest - 1) + ways_to_pay(rest - 2);
}

int coin_ways(int amount) {
    return ways_to_pay(amount);
}
