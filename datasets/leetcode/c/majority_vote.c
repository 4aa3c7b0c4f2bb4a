static int times(const int *votes, int n, int wanted) {
    int count = 0;
    for (int i = 0; i < n; i++) {
        if (votes[i] == wanted) {
            count++;
        }
    }
    return count;
}

int majority_vote(const int *votes, int n) {
    int candidate = -1;
    int lead = 0;
    for (int i = 0; i < n; i++) {
        if (lead == 0) {
            candidate = votes[i];
            lead = 1;
        } else if (votes[i] == candidate) {
            lead++;
        } else {
            lead--;
        }
    }
    return lead > 0 ? candidate : -1;
}
