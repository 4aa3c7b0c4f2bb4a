class DigitSum {
    static int digitSum(int n) {
        return n < 10 ? n : n % 10 + digitSum(n / 10);
    }
}
