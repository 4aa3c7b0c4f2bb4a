/* Where the variables of a program end: linked behind it. */
char weiser_data_last[16] __attribute__((aligned(16))) = {1};
char weiser_bss_last[16] __attribute__((aligned(16)));
