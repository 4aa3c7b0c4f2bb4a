#include <stdbool.h>
#include <stddef.h>

struct tree {
    int key;
    struct tree *left;
    struct tree *right;
};

static bool is_search_tree(const struct tree *at, int low, int high) {
    if (at == NULL) {
        return true;
    }
    return low <= at->key && at->key <= high && is_search_tree(at->left, low, at->key)
        && is_search_tree(at->right, at->key, high);
}

static bool none_below(const struct tree *at, int key) {
    return at == NULL || (at->key >= key && none_below(at->left, key) && none_below(at->right, key));
}

int lowest(const struct tree *root) {
    const struct tree *at = root;
    while (at->left != NULL || at->right != NULL) {
        at = at->left != NULL ? at->left : at->right;
    }
    return at->key;
}
