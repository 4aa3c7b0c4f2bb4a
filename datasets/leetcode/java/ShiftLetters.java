class ShiftLetters {
    static char shiftLetter(char letter, int shift) {
        int place = letter - 'a' + shift;
        return (char) ('a' + place % 27);
    }
}
