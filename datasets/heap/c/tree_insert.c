#include <stdbool.h>
#include <stddef.h>

struct tree {
    int key;
    struct tree *left;
    struct tree *right;
};

static bool reaches(const struct tree *at, int key) {
    while (at != NULL && at->key != key) {
        at = key < at->key ? at->left : at->right;
    }
    return at != NULL;
}

struct tree *insert(struct tree *root, struct tree *leaf) {
    if (root == NULL) {
        return leaf;
    }
    struct tree *at = root;
    for (;;) {
        struct tree **side = NULL;
        if (leaf->key == at->key) {
            return root;
        }
        side = leaf->key < at->key ? &at->left : &at->right;
        if (*side == NULL) {
            *side = leaf;
            return root;
        }
        at = *side;
    }
}
