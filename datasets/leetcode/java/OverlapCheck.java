class OverlapCheck {
    static boolean overlap(int a, int b, int c, int d) {
        boolean startsInside = c >= a && c < b;
        boolean endsInside = d > a && d <= b;
        return startsInside || endsInside;
    }
}
