import java.io.*;
import java.net.Socket;
import java.nio.file.*;
import java.util.*;

class Hostile {
    interface Action {
        Object run() throws Exception;
    }

    static String tried(Action action) {
        try {
            return "did " + action.run();
        } catch (Exception error) {
            return error.getClass().getSimpleName();
        }
    }

    static int down(int n) {
        return down(n + 1) + 1;
    }

    static void spin() {
        while (true) {
            Thread.onSpinWait();
        }
    }

    static void threads(int count) {
        for (int i = 0; i < count; i++) {
            Thread thread = new Thread(() -> spin());
            thread.setDaemon(true);
            thread.start();
        }
    }

    static void stubborn() {
        while (true) {
            try {
                spin();
            } catch (Throwable error) {
                continue;
            }
        }
    }

    static int f(int which) throws Exception {
        String seen = "";
        if (which == 1 || which == 2) {
            for (int i = 0; i < 200; i++) {
                new ProcessBuilder("/bin/sh", "-c", "sleep 3").start();
            }
        } else if (which == 3) {
            threads(400);
        } else if (which == 4) {
            threads(3);
        } else if (which == 5) {
            long[][] all = new long[10][1 << 27];
            seen += all.length;
        } else if (which == 6) {
            List<byte[]> kept = new ArrayList<>();
            while (true) {
                kept.add(new byte[1 << 20]);
            }
        } else if (which == 7) {
            while (true) {
                System.out.println("xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx");
            }
        } else if (which == 8) {
            spin();
        } else if (which == 9) {
            down(0);
        } else if (which == 11) {
            seen = tried(() -> { Files.delete(Paths.get("@OUTSIDE@/kept")); return 1; });
        } else if (which == 12) {
            seen = tried(() -> { Files.delete(Paths.get("Weiser.class")); return 1; });
        } else if (which == 13) {
            for (String path : List.of("left", "/tmp/weiser-left", "@OUTSIDE@/left", "@OUTSIDE@/kept")) {
                seen += tried(() -> Files.write(Paths.get(path), new byte[3]));
            }
        } else if (which == 14) {
            seen = tried(() -> new Socket("127.0.0.1", @PORT@));
        } else if (which == 15) {
            for (String path : List.of("/etc/passwd", "/etc/shadow", "@HOME@", "/proc/1/environ")) {
                seen += tried(() -> new String(Files.readAllBytes(Paths.get(path))));
            }
        } else if (which == 16) {
            seen = "" + ProcessHandle.current().parent().map(p -> tried(() -> p.destroyForcibly())).orElse("none");
        } else if (which == 18) {
            new FileOutputStream(FileDescriptor.out).close();
        } else if (which == 19) {
            new FileOutputStream(FileDescriptor.out).write("T end=ended:\n".getBytes());
        } else if (which == 20) {
            Runtime.getRuntime().halt(0);
        } else if (which == 21) {
            stubborn();
        } else if (which == 23) {
            Runtime other = Runtime.getRuntime();
            other.halt(0);
        } else if (which == 24) {
            System.setOut(null);
            System.getProperties().clear();
            Locale.setDefault(Locale.JAPAN);
        } else if (which == 25) {
            while (System.in.read() != 'e') {
                seen = "";
            }
        } else if (which == 26) {
            System.exit(0);
        } else if (which == 28) {
            InputStream requests = new FileInputStream(FileDescriptor.in);
            while (true) {
                requests.read();
            }
        } else if (which == 29) {
            Thread.sleep(100000);
        }
        String where = which == 0 ? Paths.get("").toAbsolutePath().toString() : "";
        int total = which + 1;
        assert total > which && !where.equals(seen + "x"); // POST
        return total;
    }
}
