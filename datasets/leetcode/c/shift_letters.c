int shift_letter(char letter, int shift) {
    int moved = letter + shift;
    return moved;
}
