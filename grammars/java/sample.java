/* A program that uses every construct the tables of Java know. It is parsed, not compiled. */
package sample.all;

import java.util.List;
import java.util.*;
import static java.lang.Math.max;
import Single;

module mine { requires java.base; }

/** The main class. */
@Known(value = 1)
public class Sample<T> extends Base implements Face {
    private static final int LIMIT = 10, other[] = { 1, 2 };
    static { counter = 1; }
    { counter = 2; }
    ;

    enum Colour implements Face {
        RED(1) { int shade() { return 2; } }, GREEN;
        int depth;
        int shade() { return depth / 1; }
    }

    record Point(int x, int y) implements Face {
        Point {
            if (x < 0) throw new IllegalArgumentException("x");
        }
    }

    interface Face extends Single {
        int CONSTANT = 3;
        int size();
        default int twice() { return 2 * size(); }
    }

    @interface Known { int value() default 1; }

    /** Makes one. */
    Sample(int start, String... names) {
        super(start);
        this.start = start;
    }

    void nothing() { }

    @Override
    public int all(final int n, List<String> words, int[] numbers, java.util.Map map, @Nullable String @Marked [] marked, int old[]) throws Exception {
        int a = 1, b, c[] = { 1, 2 };
        final var fixed = 0x1F + 017 + 0b11 + 1.5 + 0x1p3 + 'c';
        String text = """
            several
            lines""";
        int[][] grid = new int[3][n], filled = new int[][] { { n } };
        a = b = 2;
        a += 3;
        a++;
        if (n > 0) a = -1;
        else if (n == 0 && !done) { a = 2; }
        else ;
        outer:
        for (int i = 0; i < n; i++) {
            for (a = 0, b = 1; a < b; a++, b--) continue outer;
            break outer;
        }
        lone: ;
        while (a < 3) a++;
        do { a--; } while (a > 0);
        for (final String word : words) System.out.println(word);
        switch (n) {
            case 1:
            case 2:
                a = 1;
                break;
            case -3: ;
            case (4): break;
            case 0x5: ;
            case 06: ;
            case 0b111: ;
            case 'e': ;
            default:
                a = 2;
        }
        switch (shape) {
            case Circle c when c.r > 0 -> a = 1;
            case Square(int side, Box<Integer>(var w, _)) -> { a = 2; }
            default -> throw new IllegalStateException();
        }
        int value = switch (n) { case 1 -> 2; default -> { int t = 3; yield t; } };
        try (Reader r = open(); shared; this.reader) {
            a = 1;
        } catch (IOException | java.lang.RuntimeException e) {
            throw e;
        } finally {
            a = 2;
        }
        try { a = 3; } catch (Exception e) { a = 4; } finally { }
        synchronized (this) { a = 5; }
        assert a > 0 : "message";
        assume(a > 1);
        Runnable run = () -> { int k = 1; for (int z : numbers) use(z); };
        Function f = (x, y) -> x + y, g = (int x) -> x, h = x -> numbers[x];
        Supplier s = Sample::new;
        Object o = new Object() { int m() { return a; } };
        Class<?> type = String.class;
        boolean is = o instanceof String str || o instanceof Point(int px, int py) || o instanceof List;
        long l = (@Positive int) a + max(a, 1) % 2;
        List<String> cast = (List<String>) o;
        String t = STR."\{a} and \{b}";
        char ch = a > 1 ? 'x' : 'y';
        Object nil = null;
        boolean truth = true != false;
        class Local { int z; }
        label: { break label; }
        System.exit(1);
        return super.all(n) + this.a;
    }
}
