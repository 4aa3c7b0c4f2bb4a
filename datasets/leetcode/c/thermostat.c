#include <stdbool.h>

bool heater(bool on, int temp, int low, int high) {
    if (on && temp > low) {
        return false;
    }
    if (!on && temp < high) {
        return temp < low;
    }
    return temp <= low;
}
