def common_prefix(first: str, second: str) -> str:
    length = 0
    while length < len(first) and length < len(second):
        if first[length] != second[length]:
            break
        length += 1
    return first[:length]
