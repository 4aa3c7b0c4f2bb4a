class PrimeCheck {
    static boolean isPrime(int n) {
        boolean prime = n >= 2;
        for (int d = 2; d < n / d && prime; d++) {
            if (n % d == 0) {
                prime = false;
            }
        }
        return prime;
    }
}
