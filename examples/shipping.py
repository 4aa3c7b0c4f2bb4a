"""A shop's shipping costs, with a mistake that only some coupons show."""

RATES = {"near": 5, "far": 12}


def shipping(zone, weight, express, coupons):
    if zone not in RATES:
        raise ValueError("unknown zone: " + zone)
    cost = RATES[zone]
    notes = []
    if weight > 20:
        notes.append("heavy parcel")
        cost += (weight - 20) // 2
    if express:
        notes.append("express")
        cost *= 2
    for coupon in coupons:
        if coupon == "HALF":
            cost -= cost // 2
        elif coupon == "MINUS3":
            cost -= 3
        else:
            notes.append("ignored " + coupon)
    label = zone.upper() + ": " + "; ".join(notes)
    print(label)
    assert cost >= 0  # POST
    return cost
