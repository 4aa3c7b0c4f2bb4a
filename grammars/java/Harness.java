import com.sun.source.tree.*;
import com.sun.source.util.JavacTask;
import com.sun.source.util.SourcePositions;
import com.sun.source.util.TreeScanner;
import com.sun.source.util.Trees;
import java.io.*;
import java.lang.reflect.*;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Paths;
import java.util.*;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingDeque;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import javax.lang.model.element.Modifier;
import javax.tools.*;

// The Java harness of weiser: runs Java programs on many inputs in one process, as HARNESS.md says. Terms:
//
//   probe    a call of class Weiser that was written into a program: a condition of P, Q, an assumption
//   run      one input of one program, from the request's line to the answer's line
//   visit    Q was reached: its truth and the printed names
//   stop     the error that ends a run from inside a probe; the program may catch it, the run is over all the same
//
// Threads: `worker` (large stack) compiles, reads requests and runs programs; the main thread watches the time and, since a
// thread can't be stopped, answers in the worker's place and halts the process.
//
// `--ms`: the time of one run. `--stack`: of the worker, in MB; a recursion without end meets it within 0.1 s at 16, 0.3 s at
// 64. `--entry` and `--params` (how many) say which method; of several the one that stands first.
//
//   java -cp DIR WeiserHarness --ms 1000 --entry Outer.Inner.method --params 2 [--stack MB] program0.java program1.java ...

/** What programs call. Each program's loader defines a copy, so that it lies in the program's own package. */
final class Weiser {
    static void pre(int k, boolean e) { WeiserHarness.Probes.pre(k, e); }
    static void assume(boolean e) { WeiserHarness.Probes.assume(e); }
    static void post(boolean e, Object... namesAndValues) { WeiserHarness.Probes.post(e, namesAndValues); }
    static void observe(Object... namesAndValues) { WeiserHarness.Probes.observe(namesAndValues); }
    static void broken(Throwable t) { WeiserHarness.Probes.broken(t); }
    static <T extends Throwable> T thrown(T t) { WeiserHarness.Probes.thrown(t); return t; }
    static void exit(int status) { WeiserHarness.Probes.exit(status); }
    static double random() { return WeiserHarness.Probes.random(); }
}

class WeiserHarness {
    static long limitNanos = 1_000_000_000L;
    static final long PATIENCE = 10;
    static final OutputStream answers = new FileOutputStream(FileDescriptor.out);
    static final List<WeiserProgram> programs = new ArrayList<>();
    static final ThreadGroup group = new ThreadGroup("weiser");
    static final Properties properties = System.getProperties();
    static final PrintStream sink = new PrintStream(OutputStream.nullOutputStream()) {
        @Override public void close() {}
    };

    public static void main(String[] args) throws Exception {
        String entry = null;
        int params = 0;
        long stack = 16;
        List<String> files = new ArrayList<>();
        for (int i = 0; i < args.length; i++) {
            switch (args[i]) {
                case "--ms": limitNanos = Long.parseLong(args[++i]) * 1_000_000L; break;
                case "--entry": entry = args[++i]; break;
                case "--params": params = Integer.parseInt(args[++i]); break;
                case "--stack": stack = Long.parseLong(args[++i]); break;
                default: files.add(args[i]);
            }
        }
        if (entry == null) {
            System.err.println("WeiserHarness: --entry NAME is missing: it names the method to run");
            System.exit(2);
        }
        String name = entry;
        int count = params;
        Thread worker = new Thread(group, () -> work(files, name, count), "weiser", stack << 20);
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            // An exit that nobody rewrote, such as `System::exit`. The harness itself only halts.
            WeiserRun run = Probes.current;
            if (run != null) run.answer("left", "exit");
        }));
        worker.start();
        long tick = Math.max(1, Math.min(20, limitNanos / 10_000_000L));
        WeiserRun seen = null;
        long spent = 0;
        while (true) {
            Thread.sleep(tick);
            WeiserRun run = Probes.current;
            if (run == null) continue;
            try {
                if (run != seen) {
                    seen = run;
                    spent = processorNanos();
                }
                // The time of a processor counts, for machines are busy; one that waits has so much more.
                long clock = System.nanoTime() - run.started;
                if (clock <= limitNanos) continue;
                if (clock < PATIENCE * limitNanos && processorNanos() - spent < limitNanos) continue;
                if (run.answer("timeout", "")) halt();
            } catch (OutOfMemoryError e) {
                halt();
            }
        }
    }

    /** What this process has used; where that isn't told, so much that only the clock counts. */
    static long processorNanos() {
        try {
            String stat = new String(Files.readAllBytes(Paths.get("/proc/self/stat")), StandardCharsets.ISO_8859_1);
            String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
            // User and system time, in hundredths of a second.
            return (Long.parseLong(fields[11]) + Long.parseLong(fields[12])) * 10_000_000L;
        } catch (IOException | RuntimeException e) {
            return System.nanoTime();
        }
    }

    static void halt() {
        Runtime.getRuntime().halt(3);
    }

    static synchronized void say(String line) {
        try {
            answers.write((line + "\n").getBytes(StandardCharsets.US_ASCII));
        } catch (IOException gone) {
            halt();
        }
    }

    static void work(List<String> files, String entry, int params) {
        try {
            // Whatever a probe needs is initialised now: a class whose first use meets the end of the stack stays broken.
            new WeiserPrinter().names(new Object[] {"a", List.of(1, 'c', 1.5, "s"), "b", Map.of(1, new int[1])});
            WeiserCompiler compiler = new WeiserCompiler();
            for (String file : files) load(compiler, file, entry, params);
            say("ready");
            BufferedReader requests = new BufferedReader(new InputStreamReader(new FileInputStream(FileDescriptor.in)));
            for (String line; (line = requests.readLine()) != null; ) {
                if (line.startsWith("load ")) load(compiler, line.substring(5), entry, params);
                else if (!line.isEmpty()) serve(line);
            }
            Runtime.getRuntime().halt(0);
        } catch (Throwable t) {
            t.printStackTrace();
            Runtime.getRuntime().halt(4);
        }
    }

    static void load(WeiserCompiler compiler, String file, String entry, int params) {
        Probes.current = null;
        int number = programs.size();
        try {
            programs.add(compiler.compile(file, entry, params));
            say("program " + number + " ok");
        } catch (WeiserMisfit | IOException | RuntimeException | LinkageError | StackOverflowError e) {
            programs.add(null);
            say("program " + number + " bad " + hex(e instanceof WeiserMisfit ? e.getMessage() : e.toString()));
        }
    }

    /** One run. Whoever comes first answers: this thread, the watching one, or the hook for exits. */
    static void serve(String line) {
        WeiserRun run = new WeiserRun();
        Probes.current = run;
        WeiserProgram program = null;
        String code = "ended", detail = "";
        boolean damaged = false;
        try {
            WeiserProgram.Entry entry;
            Object receiver = null;
            Object[] args;
            try {
                if (line.startsWith("#")) {
                    int end = line.indexOf(' ') + 1;
                    run.before = line.substring(0, end);
                    line = line.substring(end);
                }
                WeiserWords words = new WeiserWords(line);
                program = words.program();
                System.setIn(new ByteArrayInputStream(words.stdin()));
                System.setOut(sink);
                System.setErr(sink);
                System.setProperties((Properties) properties.clone());
                Locale.setDefault(Locale.ROOT);
                Thread.interrupted();
                List<WeiserWords.Value> values = words.values();
                entry = program.entry();
                Thread.currentThread().setContextClassLoader(entry.owner.getClassLoader());
                WeiserBuilder builder = new WeiserBuilder(program);
                if (entry.needsReceiver()) {
                    boolean given = values.size() == entry.types.length + 1;
                    receiver = given ? builder.make(values.get(0), entry.owner) : builder.simplest(entry.owner, 0);
                    if (receiver == null) throw new WeiserMisfit("the receiver is null");
                    if (given) values = values.subList(1, values.size());
                }
                args = builder.arguments(values, entry);
            } catch (WeiserMisfit | RuntimeException | StackOverflowError e) {
                run.answer("input", e instanceof WeiserMisfit ? e.getMessage() : e.toString());
                return;
            }
            Class.forName(entry.owner.getName(), true, entry.owner.getClassLoader());
            run.recording = true;
            try {
                entry.call(receiver, args);
            } catch (IllegalArgumentException | IllegalAccessException | InstantiationException e) {
                code = "input";
                detail = e.toString();
            }
        } catch (Throwable t) {
            Throwable cause = t;
            while ((cause instanceof InvocationTargetException || cause instanceof ExceptionInInitializerError)
                    && cause.getCause() != null) cause = cause.getCause();
            code = run.judge(cause);
            detail = describe(cause);
            // Memory that ran out in the program's own `new` harms nobody; inside the library something may be half done.
            damaged = code.equals("memory") && !(cause.getStackTrace().length > 0 && program != null
                    && program.owns(cause.getStackTrace()[0].getClassName()));
        }
        boolean alone = waitForThreads();
        if (run.answer(code, detail) && alone && !damaged) return;
        // Not the next run's fault.
        say("again");
        halt();
    }

    /** Threads that the program started have a moment to end by themselves. False: some live on. */
    static boolean waitForThreads() {
        for (int round = 0; group.activeCount() > 1; round++) {
            Thread[] threads = new Thread[group.activeCount() + 8];
            int strangers = 0;
            for (int i = group.enumerate(threads) - 1; i >= 0; i--) {
                boolean pool = threads[i].isDaemon() && threads[i].getName().startsWith("ForkJoinPool.commonPool");
                if (threads[i] != Thread.currentThread() && !pool) strangers++;
            }
            if (strangers == 0) return true;
            if (round == 50) return false;
            try {
                Thread.sleep(1);
            } catch (InterruptedException again) {
                // The program interrupted its own thread before it returned.
            }
        }
        return true;
    }

    static String describe(Throwable t) {
        String message;
        try {
            message = t.getMessage();
        } catch (Throwable broken) {
            message = null;
        }
        String name = WeiserPrinter.name(t.getClass());
        if (message == null) return name;
        if (t instanceof ClassCastException && message.contains(" (")) message = message.substring(0, message.indexOf(" ("));
        message = message.replaceAll("@[0-9a-f]+", "@");
        return name + ": " + (message.length() > 300 ? message.substring(0, 300) : message);
    }

    static String hex(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        byte[] digits = new byte[2 * bytes.length];
        hexInto(bytes, digits, 0);
        return new String(digits, StandardCharsets.US_ASCII);
    }

    static void hexInto(byte[] bytes, byte[] into, int at) {
        for (byte b : bytes) {
            into[at++] = (byte) "0123456789abcdef".charAt(b >> 4 & 15);
            into[at++] = (byte) "0123456789abcdef".charAt(b & 15);
        }
    }

    /** The probes' side of Weiser; public, since programs have loaders of their own. */
    public static final class Probes {
        static volatile WeiserRun current;
        private static volatile Thread printing;

        /** Null where a probe counts for nothing: while arguments are built, or in code that printing a value has run. */
        private static WeiserRun run() {
            WeiserRun run = current;
            if (run.end != null) throw new WeiserStop();
            return run.recording && printing != Thread.currentThread() ? run : null;
        }

        public static void pre(int k, boolean e) {
            WeiserRun run = run();
            if (run != null && !e) run.stop("pre", Integer.toString(k));
        }

        public static void assume(boolean e) {
            WeiserRun run = run();
            if (run != null && !e) run.stop("assume", "line " + new Throwable().getStackTrace()[2].getLineNumber());
        }

        public static void post(boolean e, Object... namesAndValues) {
            WeiserRun run = run();
            if (run == null) return;
            run.visit(e ? 'T' : 'F', print(namesAndValues));
            if (!e) run.stop("violated", "");
        }

        public static void observe(Object... namesAndValues) {
            WeiserRun run = run();
            if (run != null) run.visit('U', print(namesAndValues));
        }

        public static void broken(Throwable t) {
            if (t instanceof WeiserStop) throw (WeiserStop) t;
            WeiserRun run = run();
            if (run != null) run.visit('E', WeiserPrinter.name(t.getClass()).getBytes(StandardCharsets.UTF_8));
        }

        public static void thrown(Throwable t) {
            WeiserRun run = current;
            synchronized (run) {
                run.thrown[run.thrownCount++ % run.thrown.length] = t;
            }
        }

        public static void exit(int status) {
            run();
            current.stop("left", "exit(" + status + ")");
        }

        public static double random() {
            WeiserRun run = current;
            synchronized (run) {
                if (run.random == null) run.random = new Random(0);
                return run.random.nextDouble();
            }
        }

        private static byte[] print(Object[] namesAndValues) {
            Thread before = printing;
            printing = Thread.currentThread();
            try {
                return new WeiserPrinter().names(namesAndValues);
            } finally {
                printing = before;
            }
        }
    }
}

/** Ends a run from inside a probe. */
final class WeiserStop extends Error {
    WeiserStop() {
        super(null, null, false, false);
    }
}

/** An input that doesn't fit the parameters, or a program that can't be run. */
final class WeiserMisfit extends Exception {
    WeiserMisfit(String message) {
        super(message);
    }
}

/** The state of one run: running, over (`end` set by a probe), answered. It only goes forward. */
final class WeiserRun {
    /** Beyond this many bytes of visits a run ends with `memory`. */
    static final int CAP = 32 << 20;

    final long started = System.nanoTime();
    volatile boolean recording;
    /** What the answer begins with. */
    String before = "";
    volatile String end;
    private String detail;
    private boolean answered;
    private byte[] words = new byte[256];
    private int size;
    /** The last exceptions that the program's own `throw` statements threw. */
    final Throwable[] thrown = new Throwable[64];
    int thrownCount;
    Random random;

    synchronized void visit(char kind, byte[] text) {
        if (end != null) throw new WeiserStop();
        int need = 2 * text.length + 2;
        if (size + need > CAP) stop("memory", "more than " + CAP + " bytes of visits");
        if (size + need > words.length) words = Arrays.copyOf(words, Math.max(size + need, 2 * words.length));
        words[size] = (byte) kind;
        WeiserHarness.hexInto(text, words, size + 1);
        words[size + need - 1] = ' ';
        size += need;
    }

    synchronized void stop(String code, String why) {
        if (end == null) {
            detail = why;
            end = code;
        }
        throw new WeiserStop();
    }

    /** How an exception that left the entry ends the run. */
    String judge(Throwable t) {
        if (t instanceof OutOfMemoryError) return "memory";
        if (t instanceof AssertionError || t.getClass().getClassLoader() instanceof WeiserProgram.Loader) return "left";
        for (Throwable own : thrown) if (own == t) return "left";
        return "fault";
    }

    /** Answers, unless somebody has. A run that a probe has ended keeps that end. */
    synchronized boolean answer(String code, String why) {
        if (answered) return false;
        answered = true;
        if (end == null) {
            detail = why;
            end = code;
        }
        String last;
        try {
            String visits = new String(words, 0, size, StandardCharsets.US_ASCII);
            last = before + visits + "end=" + end + ":" + WeiserHarness.hex(detail);
        } catch (OutOfMemoryError e) {
            last = before + "end=memory:";
        }
        WeiserHarness.say(last);
        return true;
    }
}

/** One program, compiled: its classes and where to enter. */
final class WeiserProgram {
    private final Map<String, byte[]> classes;
    private final WeiserSource source;
    private final String entryName;
    private final int params;
    private Entry entry;

    WeiserProgram(Map<String, byte[]> classes, WeiserSource source, String entryName, int params) throws WeiserMisfit {
        this.classes = classes;
        this.source = source;
        this.entryName = entryName;
        this.params = params;
        entry = load();
    }

    boolean owns(String className) {
        return classes.containsKey(className);
    }

    /** The entry, in classes that no other run has seen if one could leave something in them. */
    Entry entry() throws WeiserMisfit {
        Entry now = entry == null || source.mutable && entry.used ? load() : entry;
        now.used = true;
        return entry = now;
    }

    /** A class of the program that can stand for `wanted`, in the order of the text. */
    Class<?> concrete(Class<?> wanted) throws WeiserMisfit {
        if (!java.lang.reflect.Modifier.isAbstract(wanted.getModifiers())) return wanted;
        for (String name : source.classes) {
            Class<?> each = entry.loader.named(name);
            boolean plain = !java.lang.reflect.Modifier.isAbstract(each.getModifiers());
            if (plain && wanted.isAssignableFrom(each)) return each;
        }
        throw new WeiserMisfit("no class of the program can stand for " + wanted.getName());
    }

    private Entry load() throws WeiserMisfit {
        Loader loader = new Loader();
        int dot = entryName.lastIndexOf('.');
        String method = entryName.substring(dot + 1);
        String owner = dot < 0 ? "" : entryName.substring(0, dot);
        for (String name : source.classes) {
            if (!owner.isEmpty() && !name.equals(owner) && !name.endsWith("." + owner)) continue;
            Class<?> type = loader.named(name);
            boolean constructor = method.equals("<init>") || !owner.isEmpty() && method.equals(type.getSimpleName());
            List<Executable> found = new ArrayList<>();
            for (Executable e : constructor ? type.getDeclaredConstructors() : type.getDeclaredMethods()) {
                boolean named = constructor || e.getName().equals(method);
                if (named && !e.isSynthetic() && !java.lang.reflect.Modifier.isAbstract(e.getModifiers())) found.add(e);
            }
            if (found.isEmpty()) continue;
            int hidden = constructor && WeiserBuilder.isInner(type) ? 1 : 0;
            List<Executable> fitting = found.stream()
                    .filter(e -> e.getParameterCount() - hidden == params).collect(Collectors.toList());
            if (!fitting.isEmpty()) found = fitting;
            List<String> head = source.heads.getOrDefault(name + "." + method + "/" + params, List.of());
            Executable best = null;
            int bestScore = -1;
            for (Executable e : found) {
                int score = 0;
                for (int i = 0; i + hidden < e.getParameterCount() && i < head.size(); i++) {
                    if (e.getParameterTypes()[i + hidden].getSimpleName().equals(head.get(i))) score++;
                }
                if (score > bestScore) {
                    best = e;
                    bestScore = score;
                }
            }
            return new Entry(loader, type, best);
        }
        throw new WeiserMisfit("no method " + entryName + " with a body in the program");
    }

    /** Where a run enters. */
    static final class Entry {
        final Loader loader;
        final Class<?> owner;
        final Type[] types;
        /** How many parameters come before the written ones: the outer object of a constructor. */
        final int hidden;
        private final Executable target;
        private boolean used;

        Entry(Loader loader, Class<?> owner, Executable target) {
            this.loader = loader;
            this.owner = owner;
            this.target = target;
            target.setAccessible(true);
            hidden = target instanceof Constructor && WeiserBuilder.isInner(owner) ? 1 : 0;
            Type[] generic = target.getGenericParameterTypes();
            Type[] erased = target.getParameterTypes();
            int written = erased.length - hidden;
            types = generic.length == written ? generic : Arrays.copyOfRange(erased, hidden, erased.length);
        }

        boolean needsReceiver() {
            return target instanceof Method && !java.lang.reflect.Modifier.isStatic(target.getModifiers());
        }

        void call(Object receiver, Object[] args) throws ReflectiveOperationException {
            if (target instanceof Method) ((Method) target).invoke(receiver, args);
            else ((Constructor<?>) target).newInstance(args);
        }
    }

    final class Loader extends ClassLoader {
        Loader() {
            super(WeiserHarness.class.getClassLoader());
            setDefaultAssertionStatus(true);
        }

        Class<?> named(String dotted) throws WeiserMisfit {
            try {
                return loadClass(dotted.replace('.', '$'));
            } catch (ClassNotFoundException | LinkageError e) {
                throw new WeiserMisfit(e.toString());
            }
        }

        @Override protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
            byte[] bytes = classes.get(name);
            if (bytes == null) return super.loadClass(name, resolve);
            synchronized (getClassLoadingLock(name)) {
                Class<?> known = findLoadedClass(name);
                return known != null ? known : defineClass(name, bytes, 0, bytes.length);
            }
        }
    }
}

/** javac in memory; the file manager, with what it knows of the platform, serves all programs. */
final class WeiserCompiler {
    private static final List<String> OPTIONS = List.of("-proc:none", "-nowarn", "-Xlint:none", "-implicit:none",
            "-Xmaxerrs", "3", "-g:lines", "-XDstringConcat=inline", "-XDuseUnsharedTable=true",
            "-classpath", System.getProperty("java.class.path"));

    private final JavaCompiler javac = ToolProvider.getSystemJavaCompiler();
    private final StandardJavaFileManager platform = javac.getStandardFileManager(null, Locale.ROOT, StandardCharsets.UTF_8);
    private final byte[] probes;

    WeiserCompiler() throws IOException {
        try (InputStream in = WeiserHarness.class.getResourceAsStream("Weiser.class")) {
            probes = in.readAllBytes();
        }
    }

    WeiserProgram compile(String file, String entry, int params) throws IOException, WeiserMisfit {
        String text = new String(Files.readAllBytes(Paths.get(file)), StandardCharsets.UTF_8);
        Outputs outputs = new Outputs(platform);
        DiagnosticCollector<JavaFileObject> messages = new DiagnosticCollector<>();
        JavacTask task = task(text, outputs, messages);
        CompilationUnitTree unit = task.parse().iterator().next();
        refuseErrors(messages);
        WeiserSource source = new WeiserSource(unit, Trees.instance(task).getSourcePositions(), text);
        String edited = source.edited();
        if (!edited.equals(text)) task = task(edited, outputs, messages);
        task.generate();
        refuseErrors(messages);
        Map<String, byte[]> classes = new HashMap<>();
        outputs.written.forEach((name, bytes) -> classes.put(name, bytes.toByteArray()));
        if (classes.put("Weiser", probes) != null) throw new WeiserMisfit("the program has a class Weiser of its own");
        return new WeiserProgram(classes, source, entry, params);
    }

    private JavacTask task(String text, Outputs outputs, DiagnosticCollector<JavaFileObject> messages) {
        // A public class needs a file of its name, whatever the file is called.
        JavaFileObject unit = new SimpleJavaFileObject(URI.create("string:///Program.java"), JavaFileObject.Kind.SOURCE) {
            @Override public CharSequence getCharContent(boolean ignoreEncodingErrors) { return text; }
            @Override public boolean isNameCompatible(String simpleName, Kind kind) { return true; }
        };
        return (JavacTask) javac.getTask(Writer.nullWriter(), outputs, messages, OPTIONS, null, List.of(unit));
    }

    private static void refuseErrors(DiagnosticCollector<JavaFileObject> messages) throws WeiserMisfit {
        String errors = messages.getDiagnostics().stream().filter(d -> d.getKind() == Diagnostic.Kind.ERROR).limit(3)
                .map(d -> d.getLineNumber() + ":" + d.getColumnNumber() + ": " + d.getMessage(Locale.ROOT))
                .collect(Collectors.joining("\n"));
        if (!errors.isEmpty()) throw new WeiserMisfit(errors);
    }

    /** Where the classes of one program go. */
    private static final class Outputs extends ForwardingJavaFileManager<StandardJavaFileManager> {
        final Map<String, ByteArrayOutputStream> written = new HashMap<>();

        Outputs(StandardJavaFileManager platform) {
            super(platform);
        }

        @Override public JavaFileObject getJavaFileForOutput(
                Location location, String name, JavaFileObject.Kind kind, FileObject sibling) {
            return new SimpleJavaFileObject(URI.create("mem:///" + name.replace('.', '/') + ".class"), kind) {
                @Override public OutputStream openOutputStream() {
                    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
                    written.put(name, bytes);
                    return bytes;
                }
            };
        }
    }
}

/**
 * What the text of a program tells before it is compiled: its classes and methods in order, whether runs could see each other
 * through static state, and what has to be written differently: exits, what is random, and the package (the programs lie in
 * the unnamed one, where `Weiser` is).
 */
final class WeiserSource extends TreeScanner<Void, Void> {
    private static final Set<String> EXITS = Set.of("System.exit", "java.lang.System.exit",
            "Runtime.getRuntime().exit", "Runtime.getRuntime().halt");
    private static final Set<String> RANDOMS = Set.of("Math.random", "java.lang.Math.random", "StrictMath.random");
    private static final Set<String> IMMUTABLE = Set.of("String", "Integer", "Long", "Short", "Byte", "Character", "Boolean",
            "Double", "Float");

    /** Named classes outside methods as `Outer.Inner`, in the order of the text. */
    final List<String> classes = new ArrayList<>();
    /** The parameter types of the first method of a name and number of parameters: `Outer.f/2` to `[int[], List]`. */
    final Map<String, List<String>> heads = new HashMap<>();
    boolean mutable;

    private final CompilationUnitTree unit;
    private final SourcePositions positions;
    private final String text;
    private final TreeMap<Integer, Map.Entry<Integer, String>> edits = new TreeMap<>();
    private final Set<String> topLevel = new HashSet<>();
    private final String packageDot;
    private String path = "";

    WeiserSource(CompilationUnitTree unit, SourcePositions positions, String text) {
        this.unit = unit;
        this.positions = positions;
        this.text = text;
        packageDot = unit.getPackageName() == null ? "" : unit.getPackageName() + ".";
        for (Tree each : unit.getTypeDecls()) {
            if (each instanceof ClassTree) topLevel.add(((ClassTree) each).getSimpleName().toString());
        }
        scan(unit, null);
    }

    String edited() {
        StringBuilder edited = new StringBuilder(text);
        edits.descendingMap().forEach((start, e) -> {
            long lines = text.substring(start, e.getKey()).chars().filter(c -> c == '\n').count();
            edited.replace(start, e.getKey(), e.getValue() + "\n".repeat((int) lines));
        });
        return edited.toString();
    }

    private void edit(long start, long end, String replacement) {
        edits.put((int) start, Map.entry((int) end, replacement));
    }

    private void replace(Tree tree, String replacement) {
        edit(positions.getStartPosition(unit, tree), positions.getEndPosition(unit, tree), replacement);
    }

    private boolean nameOfThisPackage(String name) {
        return !packageDot.isEmpty() && name.startsWith(packageDot)
                && topLevel.contains(name.substring(packageDot.length()).split("\\.", 2)[0]);
    }

    @Override public Void visitPackage(PackageTree tree, Void p) {
        replace(tree, "");
        return null;
    }

    @Override public Void visitImport(ImportTree tree, Void p) {
        String name = tree.getQualifiedIdentifier().toString();
        if (nameOfThisPackage(name) || name.equals(packageDot + "*")) replace(tree, "");
        return null;
    }

    @Override public Void visitMemberSelect(MemberSelectTree tree, Void p) {
        String first = tree.getIdentifier().toString();
        if (topLevel.contains(first) && tree.toString().equals(packageDot + first)) {
            replace(tree, first);
            return null;
        }
        return super.visitMemberSelect(tree, p);
    }

    @Override public Void visitMethodInvocation(MethodInvocationTree tree, Void p) {
        if (tree.getMethodSelect() instanceof MemberSelectTree) {
            String last = ((MemberSelectTree) tree.getMethodSelect()).getIdentifier().toString();
            if (Set.of("exit", "halt", "random", "shuffle").contains(last)) {
                String whole = tree.getMethodSelect().toString();
                if (EXITS.contains(whole)) replace(tree.getMethodSelect(), "Weiser.exit");
                if (RANDOMS.contains(whole)) replace(tree.getMethodSelect(), "Weiser.random");
                long end = positions.getEndPosition(unit, tree);
                boolean shuffle = whole.equals("Collections.shuffle") && tree.getArguments().size() == 1;
                if (shuffle) edit(end - 1, end, ", new java.util.Random(0))");
            }
        }
        return super.visitMethodInvocation(tree, p);
    }

    @Override public Void visitNewClass(NewClassTree tree, Void p) {
        String type = tree.getIdentifier().toString();
        boolean random = type.equals("Random") && !topLevel.contains(type) || type.equals("java.util.Random");
        long end = positions.getEndPosition(unit, tree);
        if (random && tree.getArguments().isEmpty() && tree.getClassBody() == null) edit(end - 1, end, "0)");
        return super.visitNewClass(tree, p);
    }

    @Override public Void visitMethod(MethodTree tree, Void p) {
        String name = tree.getName().toString();
        List<String> types = new ArrayList<>();
        for (VariableTree each : tree.getParameters()) {
            String type = each.getType().toString().replaceAll("@\\w+\\s*", "");
            while (type.contains("<")) type = type.replaceAll("<[^<>]*>", "");
            type = type.replace("...", "[]");
            types.add(type.substring(type.lastIndexOf('.') + 1));
        }
        String written = name.equals("<init>") ? path.substring(path.lastIndexOf('.') + 1) : name;
        heads.putIfAbsent(path + "." + written + "/" + types.size(), types);
        String before = path;
        path = null;
        super.visitMethod(tree, p);
        path = before;
        return null;
    }

    @Override public Void visitClass(ClassTree tree, Void p) {
        String name = tree.getSimpleName().toString();
        boolean isInterface = tree.getKind() == Tree.Kind.INTERFACE || tree.getKind() == Tree.Kind.ANNOTATION_TYPE;
        for (Tree member : tree.getMembers()) {
            if (member instanceof BlockTree && ((BlockTree) member).isStatic()) mutable = true;
            if (!(member instanceof VariableTree)) continue;
            VariableTree field = (VariableTree) member;
            Set<Modifier> flags = field.getModifiers().getFlags();
            boolean isStatic = isInterface || flags.contains(Modifier.STATIC);
            boolean constant = (isInterface || flags.contains(Modifier.FINAL)) && plain(field.getType());
            boolean enumConstant = tree.getKind() == Tree.Kind.ENUM && isStatic
                    && field.getType().toString().equals(name) && field.getInitializer() instanceof NewClassTree;
            // An enum's constants are static, so what they hold is.
            boolean shared = isStatic && !enumConstant || tree.getKind() == Tree.Kind.ENUM && !isStatic;
            if (shared && !constant || isStatic && !enumConstant && !simple(field.getInitializer())) mutable = true;
        }
        String before = path;
        boolean reachable = path != null && !name.isEmpty();
        path = !reachable ? null : path.isEmpty() ? name : path + "." + name;
        if (reachable) classes.add(path);
        super.visitClass(tree, p);
        path = before;
        return null;
    }

    @Override public Void visitVariable(VariableTree tree, Void p) {
        String before = path;
        path = null;
        super.visitVariable(tree, p);
        path = before;
        return null;
    }

    private static boolean plain(Tree type) {
        return type instanceof PrimitiveTypeTree || IMMUTABLE.contains(type.toString());
    }

    /** An initialiser that does the same each time and changes nothing. */
    private static boolean simple(ExpressionTree tree) {
        if (tree == null || tree instanceof LiteralTree || tree instanceof IdentifierTree) return tree != null;
        if (tree instanceof MemberSelectTree) return simple(((MemberSelectTree) tree).getExpression());
        if (tree instanceof ParenthesizedTree) return simple(((ParenthesizedTree) tree).getExpression());
        if (tree instanceof TypeCastTree) return simple(((TypeCastTree) tree).getExpression());
        if (tree instanceof UnaryTree) return simple(((UnaryTree) tree).getExpression());
        if (!(tree instanceof BinaryTree)) return false;
        return simple(((BinaryTree) tree).getLeftOperand()) && simple(((BinaryTree) tree).getRightOperand());
    }
}

/** The words of a request. */
final class WeiserWords {
    /** A value as it was written; `leaf` for the kinds n b i f s x, `items` for [ ( < { @ (a map's keys and values in turn). */
    static final class Value {
        char kind;
        Object leaf;
        List<Value> items = List.of();

        boolean isSequence() {
            return kind == '[' || kind == '(' || kind == '<';
        }
    }

    private final StringTokenizer words;

    WeiserWords(String line) {
        words = new StringTokenizer(line, " ");
    }

    WeiserProgram program() throws WeiserMisfit {
        int index = Integer.parseInt(words.nextToken());
        WeiserProgram program = index < WeiserHarness.programs.size() ? WeiserHarness.programs.get(index) : null;
        if (program == null) throw new WeiserMisfit("no program " + index);
        return program;
    }

    byte[] stdin() {
        String word = words.hasMoreTokens() ? words.nextToken() : "-";
        return word.equals("-") ? new byte[0] : bytes(word);
    }

    List<Value> values() throws WeiserMisfit {
        List<Value> values = new ArrayList<>();
        while (words.hasMoreTokens()) values.add(value());
        return values;
    }

    private Value value() throws WeiserMisfit {
        if (!words.hasMoreTokens()) throw new WeiserMisfit("a value is missing");
        String word = words.nextToken(), rest = word.substring(1);
        Value value = new Value();
        value.kind = word.charAt(0);
        switch (value.kind) {
            case 'n': break;
            case 'b': value.leaf = rest.equals("1"); break;
            case 'i': value.leaf = new BigInteger(rest); break;
            case 'f': value.leaf = Double.longBitsToDouble(Long.parseUnsignedLong(rest, 16)); break;
            case 's': value.leaf = new String(bytes(rest), StandardCharsets.UTF_8); break;
            case 'x': value.leaf = bytes(rest); break;
            case '[': case '(': case '<': case '{': case '@':
                int count = Integer.parseInt(rest) * (value.kind == '{' ? 2 : 1);
                value.items = new ArrayList<>();
                for (int i = 0; i < count; i++) value.items.add(value());
                break;
            default: throw new WeiserMisfit("no value is written " + word);
        }
        return value;
    }

    private static byte[] bytes(String hex) {
        byte[] bytes = new byte[hex.length() / 2];
        for (int i = 0; i < bytes.length; i++) bytes[i] = (byte) Integer.parseInt(hex.substring(2 * i, 2 * i + 2), 16);
        return bytes;
    }
}

/** Makes the objects that a request's values stand for, by the parameters' types. */
final class WeiserBuilder {
    /** What stands for an interface of the library: the first that fits. */
    private static final Class<?>[] COLLECTIONS = {ArrayList.class, HashSet.class, TreeSet.class, LinkedList.class,
        LinkedBlockingDeque.class};
    private static final Class<?>[] MAPS = {HashMap.class, TreeMap.class, ConcurrentHashMap.class};

    private final WeiserProgram program;

    WeiserBuilder(WeiserProgram program) {
        this.program = program;
    }

    static boolean isInner(Class<?> type) {
        return type.isMemberClass() && !java.lang.reflect.Modifier.isStatic(type.getModifiers());
    }

    Object[] arguments(List<WeiserWords.Value> values, WeiserProgram.Entry entry) throws WeiserMisfit {
        if (values.size() != entry.types.length)
            throw new WeiserMisfit(values.size() + " values for " + entry.types.length + " parameters");
        Object[] args = new Object[entry.hidden + values.size()];
        if (entry.hidden == 1) args[0] = simplest(entry.owner.getDeclaringClass(), 0);
        for (int i = 0; i < values.size(); i++) args[entry.hidden + i] = make(values.get(i), entry.types[i]);
        return args;
    }

    Object make(WeiserWords.Value v, Type type) throws WeiserMisfit {
        Class<?> raw = erase(type);
        if (v.kind == 'n') {
            if (raw.isPrimitive()) throw new WeiserMisfit("null for " + raw);
            return raw == Optional.class ? Optional.empty() : null;
        }
        Object made = scalar(v, raw);
        if (made == null) made = raw.isArray() ? array(v, type, raw) : compound(v, type, raw);
        if (made == null) {
            Object natural = natural(v);
            if (!raw.isInstance(natural)) throw new WeiserMisfit("a value of kind " + v.kind + " for " + type.getTypeName());
            made = natural;
        }
        return made;
    }

    private static Class<?> erase(Type type) {
        if (type instanceof Class) return (Class<?>) type;
        if (type instanceof ParameterizedType) return (Class<?>) ((ParameterizedType) type).getRawType();
        if (type instanceof TypeVariable) return erase(((TypeVariable<?>) type).getBounds()[0]);
        if (type instanceof WildcardType) return erase(bound((WildcardType) type));
        return Array.newInstance(erase(((GenericArrayType) type).getGenericComponentType()), 0).getClass();
    }

    private static Type bound(WildcardType type) {
        return type.getLowerBounds().length > 0 ? type.getLowerBounds()[0] : type.getUpperBounds()[0];
    }

    /** The i-th from the end of the type arguments; Object for raw types. */
    private static Type argument(Type type, int fromEnd) {
        if (type instanceof WildcardType) return argument(bound((WildcardType) type), fromEnd);
        if (!(type instanceof ParameterizedType)) return Object.class;
        Type[] all = ((ParameterizedType) type).getActualTypeArguments();
        return fromEnd < all.length ? all[all.length - 1 - fromEnd] : Object.class;
    }

    /** A number, text or truth; null where `raw` is none of these. */
    private static Object scalar(WeiserWords.Value v, Class<?> raw) throws WeiserMisfit {
        String text = v.kind == 's' ? (String) v.leaf : null;
        BigInteger integer = v.kind == 'i' ? (BigInteger) v.leaf : null;
        switch (raw.getName()) {
            case "boolean": case "java.lang.Boolean": return v.kind == 'b' ? v.leaf : misfit(v, raw);
            case "byte": case "java.lang.Byte": return (byte) within(v, 8, raw);
            case "short": case "java.lang.Short": return (short) within(v, 16, raw);
            case "int": case "java.lang.Integer": return (int) within(v, 32, raw);
            case "long": case "java.lang.Long": return within(v, 64, raw);
            case "char": case "java.lang.Character":
                if (text != null && text.length() == 1) return text.charAt(0);
                return within(v, 17, raw) >= 0 ? (Object) (char) within(v, 17, raw) : misfit(v, raw);
            case "double": case "java.lang.Double":
                return v.kind == 'f' ? v.leaf : integer != null ? (Object) integer.doubleValue() : misfit(v, raw);
            case "float": case "java.lang.Float":
                if (integer != null) return integer.floatValue();
                if (v.kind != 'f') return misfit(v, raw);
                float narrow = ((Double) v.leaf).floatValue();
                return Float.isInfinite(narrow) && !Double.isInfinite((Double) v.leaf) ? misfit(v, raw) : (Object) narrow;
            case "java.lang.String": case "java.lang.CharSequence": return text != null ? text : misfit(v, raw);
            case "java.lang.StringBuilder": return text != null ? new StringBuilder(text) : misfit(v, raw);
            case "java.lang.StringBuffer": return text != null ? new StringBuffer(text) : misfit(v, raw);
            case "java.util.Scanner": return text != null ? new Scanner(text) : misfit(v, raw);
            case "java.io.BufferedReader": case "java.io.Reader":
                return text != null ? new BufferedReader(new StringReader(text)) : misfit(v, raw);
            case "java.util.Random": return new Random(within(v, 64, raw));
            case "java.math.BigInteger":
                return integer != null ? integer : text != null ? new BigInteger(text) : misfit(v, raw);
            case "java.math.BigDecimal":
                if (integer != null) return new BigDecimal(integer);
                return text != null ? new BigDecimal(text) : v.kind == 'f' ? new BigDecimal((Double) v.leaf) : misfit(v, raw);
            default: return null;
        }
    }

    private static Object misfit(WeiserWords.Value v, Class<?> raw) throws WeiserMisfit {
        throw new WeiserMisfit("a value of kind " + v.kind + " for " + raw.getSimpleName());
    }

    private static long within(WeiserWords.Value v, int bits, Class<?> raw) throws WeiserMisfit {
        if (v.kind != 'i') misfit(v, raw);
        if (((BigInteger) v.leaf).bitLength() >= bits) throw new WeiserMisfit(v.leaf + " for " + raw.getSimpleName());
        return ((BigInteger) v.leaf).longValue();
    }

    private Object array(WeiserWords.Value v, Type type, Class<?> raw) throws WeiserMisfit {
        if (v.kind == 'x' && raw == byte[].class) return v.leaf;
        if (v.kind == 's' && raw == char[].class) return ((String) v.leaf).toCharArray();
        if (!v.isSequence()) misfit(v, raw);
        Type each = type instanceof GenericArrayType
                ? ((GenericArrayType) type).getGenericComponentType() : raw.getComponentType();
        Object array = Array.newInstance(raw.getComponentType(), v.items.size());
        for (int i = 0; i < v.items.size(); i++) Array.set(array, i, make(v.items.get(i), each));
        return array;
    }

    /** Collections, maps, enums and classes; null where only the natural form of the value may fit. */
    private Object compound(WeiserWords.Value v, Type type, Class<?> raw) throws WeiserMisfit {
        if (raw == Optional.class) return Optional.of(make(v, argument(type, 0)));
        if (raw == OptionalInt.class) return OptionalInt.of((int) within(v, 32, raw));
        if (raw == Map.Entry.class && v.items.size() == 2) return new AbstractMap.SimpleEntry<>(
                make(v.items.get(0), argument(type, 1)), make(v.items.get(1), argument(type, 0)));
        if (raw == Iterator.class && v.isSequence()) return list(v, argument(type, 0), new ArrayList<>()).iterator();
        if (v.isSequence() && (Collection.class.isAssignableFrom(raw) || raw == Iterable.class)) {
            @SuppressWarnings("unchecked") Collection<Object> into = (Collection<Object>) empty(raw, COLLECTIONS);
            return list(v, argument(type, 0), into);
        }
        if (v.kind == '{' && Map.class.isAssignableFrom(raw)) {
            @SuppressWarnings("unchecked") Map<Object, Object> map = (Map<Object, Object>) empty(raw, MAPS);
            for (int i = 0; i < v.items.size(); i += 2)
                map.put(make(v.items.get(i), argument(type, 1)), make(v.items.get(i + 1), argument(type, 0)));
            return map;
        }
        if (raw.isEnum() && v.kind != '@') {
            Object[] all = raw.getEnumConstants();
            for (Object each : all) if (((Enum<?>) each).name().equals(v.leaf)) return each;
            long ordinal = within(v, 32, raw);
            if (ordinal < 0 || ordinal >= all.length) throw new WeiserMisfit(ordinal + " for " + raw.getSimpleName());
            return all[(int) ordinal];
        }
        boolean fields = v.kind == '@' || v.kind == '(';
        return fields && program.owns(raw.getName()) ? fromFields(v.items, program.concrete(raw)) : null;
    }

    private Collection<Object> list(WeiserWords.Value v, Type each, Collection<Object> into) throws WeiserMisfit {
        for (WeiserWords.Value item : v.items) into.add(make(item, each));
        return into;
    }

    private Object empty(Class<?> raw, Class<?>[] choices) throws WeiserMisfit {
        Class<?> chosen = raw;
        for (int i = choices.length - 1; i >= 0; i--) if (raw.isAssignableFrom(choices[i])) chosen = choices[i];
        return simplest(chosen, 0);
    }

    /** By a constructor with as many parameters, or the simplest one and then the fields. */
    private Object fromFields(List<WeiserWords.Value> items, Class<?> type) throws WeiserMisfit {
        WeiserMisfit last = null;
        int hidden = isInner(type) ? 1 : 0;
        for (Constructor<?> each : constructors(type)) {
            Type[] types = each.getGenericParameterTypes();
            if (each.getParameterCount() - hidden != items.size()) continue;
            if (types.length != each.getParameterCount()) types = each.getParameterTypes();
            try {
                Object[] args = new Object[types.length];
                if (hidden == 1) args[0] = simplest(type.getDeclaringClass(), 0);
                for (int i = hidden; i < types.length; i++) args[i] = make(items.get(i - hidden), types[i]);
                each.setAccessible(true);
                return each.newInstance(args);
            } catch (ReflectiveOperationException e) {
                Throwable cause = e.getCause() == null ? e : e.getCause();
                last = new WeiserMisfit("a constructor of " + type.getName() + ": " + WeiserHarness.describe(cause));
            } catch (WeiserMisfit e) {
                last = e;
            }
        }
        if (last != null) throw last;
        Object made = simplest(type, 0);
        List<Field> fields = new ArrayList<>();
        for (Class<?> c = type; c != null && program.owns(c.getName()); c = c.getSuperclass()) {
            int at = 0;
            for (Field f : c.getDeclaredFields()) {
                if (!f.isSynthetic() && !java.lang.reflect.Modifier.isStatic(f.getModifiers())) fields.add(at++, f);
            }
        }
        if (fields.size() != items.size())
            throw new WeiserMisfit(items.size() + " values for the " + fields.size() + " fields of " + type.getName());
        try {
            for (int i = 0; i < fields.size(); i++) {
                fields.get(i).setAccessible(true);
                fields.get(i).set(made, make(items.get(i), fields.get(i).getGenericType()));
            }
        } catch (IllegalAccessException e) {
            throw new WeiserMisfit(e.toString());
        }
        return made;
    }

    /** Fewest parameters first, private ones last. */
    private static List<Constructor<?>> constructors(Class<?> type) {
        List<Constructor<?>> all = new ArrayList<>(Arrays.asList(type.getDeclaredConstructors()));
        all.removeIf(Constructor::isSynthetic);
        all.sort(Comparator.comparing((Constructor<?> c) -> java.lang.reflect.Modifier.isPrivate(c.getModifiers()))
                .thenComparing(Constructor::getParameterCount));
        return all;
    }

    /** An object by the simplest constructor that works, its arguments zero, empty or null. */
    Object simplest(Class<?> wanted, int depth) throws WeiserMisfit {
        Class<?> type = wanted.isEnum() ? wanted : program.concrete(wanted);
        if (type.isEnum() && type.getEnumConstants().length > 0) return type.getEnumConstants()[0];
        String why = "no constructor";
        for (Constructor<?> each : constructors(type)) {
            Class<?>[] types = each.getParameterTypes();
            Object[] args = new Object[types.length];
            for (int i = 0; i < types.length; i++) {
                boolean outer = i == 0 && isInner(type) && depth < 6;
                args[i] = outer ? simplest(type.getDeclaringClass(), depth + 1) : zero(types[i]);
            }
            try {
                if (!each.getDeclaringClass().getName().startsWith("java.")) each.setAccessible(true);
                return each.newInstance(args);
            } catch (ReflectiveOperationException | RuntimeException e) {
                why = WeiserHarness.describe(e.getCause() == null ? e : e.getCause());
            }
        }
        throw new WeiserMisfit("no " + type.getName() + " can be made: " + why);
    }

    private static Object zero(Class<?> type) {
        if (type.isPrimitive()) return Array.get(Array.newInstance(type, 1), 0);
        if (type.isArray()) return Array.newInstance(type.getComponentType(), 0);
        if (type == String.class) return "";
        if (type == Optional.class) return Optional.empty();
        if (type.isAssignableFrom(ArrayList.class) && type != Object.class) return new ArrayList<>();
        if (type.isAssignableFrom(HashMap.class) && type != Object.class) return new HashMap<>();
        if (type.isAssignableFrom(HashSet.class) && type != Object.class) return new HashSet<>();
        return null;
    }

    /** The value as it is boxed where the type says nothing. */
    private Object natural(WeiserWords.Value v) throws WeiserMisfit {
        switch (v.kind) {
            case 'i':
                int bits = ((BigInteger) v.leaf).bitLength();
                if (bits < 32) return ((BigInteger) v.leaf).intValue();
                return bits < 64 ? (Object) ((BigInteger) v.leaf).longValue() : v.leaf;
            case '[': case '(': return list(v, Object.class, new ArrayList<>());
            case '<': return list(v, Object.class, new HashSet<>());
            case '{': return compound(v, Map.class, Map.class);
            default: return v.leaf;
        }
    }
}

/**
 * Prints values so that equal ones print equally and different ones differently, without addresses, hash codes or the order of
 * hash tables. No code of the program runs, except iterators of its own kinds of library collections. Cost: at most NODES
 * values and DEPTH levels a visit; what lies beyond prints as `...`.
 */
final class WeiserPrinter {
    private static final int NODES = 50_000, DEPTH = 40, BYTES = 2_000;

    private final ArrayList<Object> above = new ArrayList<>();
    private int nodes;

    byte[] names(Object[] namesAndValues) {
        StringBuilder out = new StringBuilder();
        for (int i = 0; i + 1 < namesAndValues.length; i += 2) {
            if (i > 0) out.append("; ");
            out.append(namesAndValues[i]).append('=');
            print(namesAndValues[i + 1], out);
        }
        byte[] bytes = out.toString().getBytes(StandardCharsets.UTF_8);
        if (bytes.length <= BYTES) return bytes;
        long hash = 0xcbf29ce484222325L;
        for (byte b : bytes) hash = (hash ^ (b & 255)) * 0x100000001b3L;
        int cut = BYTES - 20;
        while ((bytes[cut] & 0xc0) == 0x80) cut--;
        byte[] tail = String.format("...#%016x", hash).getBytes(StandardCharsets.US_ASCII);
        byte[] cutBytes = Arrays.copyOf(bytes, cut + tail.length);
        System.arraycopy(tail, 0, cutBytes, cut, tail.length);
        return cutBytes;
    }

    /** A class's name without its package; what has no name of its own goes by what it extends. */
    static String name(Class<?> type) {
        if (type.isArray()) return name(type.getComponentType()) + "[]";
        if (type.isSynthetic() || type.getName().indexOf('/') >= 0) return "lambda";
        if (type.isAnonymousClass())
            return name(type.getInterfaces().length > 0 ? type.getInterfaces()[0] : type.getSuperclass());
        Class<?> outer = type.getDeclaringClass();
        return outer == null ? type.getSimpleName() : name(outer) + "." + type.getSimpleName();
    }

    private void print(Object v, StringBuilder out) {
        if (v == null || v instanceof Boolean || v instanceof Integer || v instanceof Long || v instanceof Short
                || v instanceof Byte) out.append(v);
        else if (v instanceof Character) quote(v.toString(), '\'', out);
        else if (v instanceof CharSequence && isLibrary(v)) quote(v.toString(), '"', out);
        else if (v instanceof Double || v instanceof Float) {
            double d = ((Number) v).doubleValue();
            out.append(d != d ? "nan" : Double.isInfinite(d) ? d > 0 ? "inf" : "-inf" : v.toString());
        } else if (v instanceof Enum) out.append(name(((Enum<?>) v).getDeclaringClass())).append('.').append(((Enum<?>) v).name());
        else if (v instanceof Class) out.append("class ").append(name((Class<?>) v));
        else if (isLibrary(v) && hasTruthfulText(v)) out.append(v);
        else if (++nodes > NODES || above.size() >= DEPTH) out.append("...");
        else {
            for (int i = above.size() - 1; i >= 0; i--) {
                if (above.get(i) == v) {
                    out.append('^').append(above.size() - i);
                    return;
                }
            }
            above.add(v);
            try {
                inside(v, out);
            } catch (RuntimeException e) {
                out.append('?');
            } finally {
                above.remove(above.size() - 1);
            }
        }
    }

    private static boolean isLibrary(Object v) {
        return !(v.getClass().getClassLoader() instanceof WeiserProgram.Loader);
    }

    private static boolean hasTruthfulText(Object v) {
        String name = v.getClass().getName();
        return v instanceof Number || v instanceof AtomicBoolean || v instanceof BitSet || v instanceof UUID
                || v instanceof OptionalInt || v instanceof OptionalLong || v instanceof OptionalDouble
                || v instanceof Date || v instanceof Locale || v instanceof URI || name.startsWith("java.time.")
                || name.equals("java.util.regex.Pattern");
    }

    private void inside(Object v, StringBuilder out) {
        Class<?> type = v.getClass();
        // A program's own collection is its fields, unless it inherits the library's and with it fields that can't be seen.
        boolean own = type.getClassLoader() instanceof WeiserProgram.Loader && !inheritsLibrary(type);
        if (type.isArray()) {
            int length = Array.getLength(v);
            out.append('[');
            for (int i = 0; i < length && more(i, length, out); i++) print(Array.get(v, i), out);
            out.append(']');
        } else if (v instanceof Map && !own) {
            List<String> parts = new ArrayList<>();
            for (Map.Entry<?, ?> e : ((Map<?, ?>) v).entrySet()) {
                if (nodes > NODES) break;
                StringBuilder part = new StringBuilder();
                print(e.getKey(), part);
                print(e.getValue(), part.append(": "));
                parts.add(part.toString());
            }
            sorted(parts, ((Map<?, ?>) v).size(), out);
        } else if (v instanceof Set && !own) {
            List<String> parts = new ArrayList<>();
            for (Object each : (Set<?>) v) {
                if (nodes > NODES) break;
                StringBuilder part = new StringBuilder();
                print(each, part);
                parts.add(part.toString());
            }
            sorted(parts, ((Set<?>) v).size(), out);
        } else if (v instanceof Collection && !own) {
            int size = ((Collection<?>) v).size(), i = 0;
            out.append('[');
            for (Object each : (Collection<?>) v) {
                if (!more(i++, size, out)) break;
                print(each, out);
            }
            out.append(']');
        } else if (v instanceof Map.Entry && !own) {
            print(((Map.Entry<?, ?>) v).getKey(), out);
            print(((Map.Entry<?, ?>) v).getValue(), out.append(": "));
        } else if (v instanceof Optional) {
            out.append("Optional(");
            if (((Optional<?>) v).isPresent()) print(((Optional<?>) v).get(), out);
            out.append(')');
        } else {
            out.append(name(type));
            if (v instanceof Throwable) print(((Throwable) v).getMessage(), out.append(' '));
            if (!isLibrary(v) && !type.isSynthetic()) fields(v, type, out);
        }
    }

    private static boolean inheritsLibrary(Class<?> type) {
        while (type.getClassLoader() instanceof WeiserProgram.Loader) type = type.getSuperclass();
        return type != Object.class;
    }

    private boolean more(int i, int length, StringBuilder out) {
        if (i > 0) out.append(", ");
        if (nodes++ <= NODES) return true;
        out.append("... ").append(length - i).append(" more");
        return false;
    }

    private static void sorted(List<String> parts, int size, StringBuilder out) {
        Collections.sort(parts);
        out.append('{').append(String.join(", ", parts));
        out.append(parts.size() < size ? ", ... " + (size - parts.size()) + " more}" : "}");
    }

    private void fields(Object v, Class<?> type, StringBuilder out) {
        out.append('{');
        boolean first = true;
        for (Class<?> c = type; c.getClassLoader() instanceof WeiserProgram.Loader; c = c.getSuperclass()) {
            for (Field f : c.getDeclaredFields()) {
                if (f.isSynthetic() || java.lang.reflect.Modifier.isStatic(f.getModifiers())) continue;
                if (!first) out.append(", ");
                first = false;
                out.append(f.getName()).append('=');
                try {
                    f.setAccessible(true);
                    print(f.get(v), out);
                } catch (IllegalAccessException e) {
                    out.append('?');
                }
            }
        }
        out.append('}');
    }

    private static void quote(String text, char mark, StringBuilder out) {
        out.append(mark);
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == mark || c == '\\') out.append('\\').append(c);
            else if (c == '\n') out.append("\\n");
            else if (c < ' ' || c >= 0x7f && c < 0xa0 || Character.isSurrogate(c)) out.append(String.format("\\u%04x", (int) c));
            else out.append(c);
        }
        out.append(mark);
    }
}
