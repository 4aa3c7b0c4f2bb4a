/* Where the variables of a program begin: linked before it. */
char weiser_data_first[16] __attribute__((aligned(16))) = {1};
char weiser_bss_first[16] __attribute__((aligned(16)));
