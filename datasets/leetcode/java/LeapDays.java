class LeapDays {
    static int februaryDays(int year) {
        if (year % 4 != 0) {
            return 28;
        }
        if (year % 100 == 0 && year % 400 == 0) {
            return 29;
        }
        return 29;
    }
}
