import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;

/** Runs the tests of a class as JUnit 5 would: each method with `@Test` on an object of its own. Assertions are off. */
class RunTests {
    public static void main(String[] args) throws Exception {
        Class<?> tests = Class.forName(args[0]);
        int run = 0;
        boolean failed = false;
        for (Method method : tests.getDeclaredMethods()) {
            if (!method.isAnnotationPresent(org.junit.jupiter.api.Test.class)) continue;
            run++;
            var constructor = tests.getDeclaredConstructor();
            constructor.setAccessible(true);
            method.setAccessible(true);
            try {
                method.invoke(constructor.newInstance());
            } catch (InvocationTargetException e) {
                failed = true;
                e.getCause().printStackTrace();
            }
        }
        System.out.println(run + " tests run");
        System.exit(failed || run == 0 ? 1 : 0);
    }
}
