import java.net.URI;
import java.nio.file.*;
import java.util.*;
import javax.tools.*;

/** Compiles the NUL-separated texts of a file; prints one line for each: its first error, or nothing.
 *  Arguments: the file, what to put before each text, the code of an error that is forgiven. */
class Check {
    static final String STUBS = "package stubs; public class Stubs {"
        + " public static void assume(boolean b) { } public static boolean func(Object... o) { return true; } }";

    static class Text extends SimpleJavaFileObject {
        final String text;

        Text(String path, String text) {
            super(URI.create("string:///" + path), Kind.SOURCE);
            this.text = text;
        }

        @Override public CharSequence getCharContent(boolean ignoreEncodingErrors) { return text; }

        // A public class may then stand in a text of any name.
        @Override public boolean isNameCompatible(String simpleName, Kind kind) { return kind == Kind.SOURCE; }
    }

    public static void main(String[] args) throws Exception {
        String[] texts = Files.readString(Path.of(args[0])).split("\0", -1);
        String[] complaints = new String[texts.length];
        Map<Text, Integer> left = new LinkedHashMap<>();
        for (int i = 0; i < texts.length; i++) {
            String head = "package p" + i + "; import static stubs.Stubs.*; " + args[1];
            left.put(new Text("p" + i + "/Text.java", head + texts[i]), i);
        }
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        List<String> options = List.of("-proc:none", "-nowarn", "-Xlint:none", "-Xmaxerrs", "1000000");
        boolean again = true;
        while (again && !left.isEmpty()) {
            List<Text> units = new ArrayList<>(left.keySet());
            units.add(new Text("stubs/Stubs.java", STUBS));
            DiagnosticCollector<JavaFileObject> found = new DiagnosticCollector<>();
            var task = (com.sun.source.util.JavacTask) compiler.getTask(null, null, found, options, null, units);
            task.analyze();
            again = false;
            for (Diagnostic<? extends JavaFileObject> d : found.getDiagnostics()) {
                boolean error = d.getKind() == Diagnostic.Kind.ERROR && !d.getCode().equals(args[2]);
                Integer i = error ? left.remove((Object) d.getSource()) : null;
                if (i != null) {
                    again = true;
                    complaints[i] = d.getLineNumber() + ": " + d.getMessage(Locale.ENGLISH).replaceAll("\\s+", " ");
                }
            }
        }
        StringBuilder out = new StringBuilder();
        for (String c : complaints) out.append(c == null ? "" : c).append('\n');
        System.out.print(out);
    }
}
