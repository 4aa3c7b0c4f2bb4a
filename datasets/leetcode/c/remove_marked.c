static int count_of(const int *nums, int n, int wanted) {
    int count = 0;
    for (int i = 0; i < n; i++) {
        count += nums[i] == wanted;
    }
    return count;
}

int remove_marked(int *nums, int n, int mark) {
    int *to = nums;
    for (const int *from = nums; from < nums + n; from++) {
        if (*from != mark) {
            *to++ = *from;
        }
    }
    return (int)(to - nums);
}
