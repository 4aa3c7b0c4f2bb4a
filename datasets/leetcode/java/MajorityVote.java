class MajorityVote {
    static int majorityVote(int[] votes) {
        int candidate = -1;
        int lead = 0;
        for (int vote : votes) {
            if (lead == 0) {
                candidate = vote;
            }
            if (vote == candidate) {
                lead++;
            } else {
                lead--;
            }
        }
        return candidate;
    }
}
