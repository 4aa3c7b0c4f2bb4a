enum { DAY = 20, FIRST = 4, EACH = 2 };

static int up_to_a_day(int hours) {
    if (hours == 0) {
        return 0;
    }
    int fee = FIRST + EACH * (hours - 1);
    if (hours < 12 && fee > DAY) {
        fee = DAY;
    }
    return fee;
}

int parking_fee(int hours) {
    return hours / 24 * DAY + up_to_a_day(hours % 24);
}
