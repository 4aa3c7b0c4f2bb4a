def majority_vote(votes: list[int]) -> int:
    candidate = -1
    lead = 0
    for vote in votes:
        if lead == 0:
            candidate = vote
        lead += 1 if vote == candidate else -1
    return candidate
