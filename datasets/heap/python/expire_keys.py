def expire(expiry: dict[str, int], now: int) -> int:
    """Drops the keys whose time has come; says how many."""
    gone = [key for key, time in expiry.items() if time < now]
    for key in gone:
        del expiry[key]
    return len(gone)
