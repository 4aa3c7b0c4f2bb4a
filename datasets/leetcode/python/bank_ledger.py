class Account:
    def __init__(self, balance):
        self.balance = balance
        self.refused = 0

    def book(self, amount):
        if self.balance + amount < 0:
            self.refused += 1
            return False
        self.balance += amount
        return True


def final_balance(start: int, bookings: list[int]) -> int:
    account = Account(start)
    for amount in bookings:
        account.book(amount)
    return account.balance
