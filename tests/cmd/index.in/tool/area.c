static int area(int r) {
    return 3 * r * r;
}

int main(void) {
    return area(1);
}
