def stair_ways(steps: int) -> int:
    memory = {0: 1, 1: 1}

    def ways(n):
        if n not in memory:
            memory[n] = ways(n - 1) + ways(n - 2)
        return memory[n]

    return ways(steps)
