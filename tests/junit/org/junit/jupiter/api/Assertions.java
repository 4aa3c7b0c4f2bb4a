package org.junit.jupiter.api;

/** The one assertion of JUnit 5 that weiser's tests use. */
public final class Assertions {
    private Assertions() {
    }

    public static void assertTrue(boolean condition, String message) {
        if (!condition) throw new AssertionError(message);
    }
}
