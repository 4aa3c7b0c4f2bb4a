from shop.prices import discount
import shop.prices as prices


def pay(total, kind):
    # PRE: total >= 0
    print("paying")
    due = discount(total, kind)
    # POST: due <= total
    return due


def twice(total):
    # PRE: total >= 0
    due = prices.rounded(total)
    # POST: due <= total
    return due
