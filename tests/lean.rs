//! Lean slices: what they leave out, and that they say so.

use std::path::Path;
use std::process::Command;
use weiser::pipeline::{Options, Slicing, analyze};
use weiser::spec::Request;
use weiser::syntax;

/// The slices of a C program, their texts in the order in which they are asked.
fn slices(text: &str, slicing: Slicing) -> Vec<String> {
    let request = Request { across: true, ..Request::default() };
    let options = Options { slicing, ..Options::default() };
    let language = syntax::by_name("c").expect("C is known");
    let file = analyze("t.c", text.to_owned(), language, &request, &options).expect("it has a triple");
    // What a grammar without a preprocessor can't read of the program it can't read of a slice.
    for slice in file.triples.iter().flat_map(|t| &t.slices).filter(|_| syntax::has_errors(text, language) == 0) {
        assert_eq!(syntax::has_errors(&slice.rendered.text, language), 0, "{}", slice.rendered.text);
    }
    file.triples.iter().flat_map(|t| &t.slices).map(|s| s.rendered.text.clone()).collect()
}

const EXITS: &str = "\
int log_level(void);
int f(int x, int quiet, int *out)
{
    int y = x * 2;
    if (quiet < 0)
        return -1;
    if (x > 100)
        return -2;
    for (int i = 0; i < quiet; i++)
        if (log_level() == i)
            return i;
    // POST: y < 200
    *out = y;
    return 0;
}
";

#[test]
fn early_exits_that_share_no_data_are_left_out() {
    let exact = slices(EXITS, Slicing::Exact);
    assert!(exact.iter().all(|s| s.contains("assume(!(quiet < 0))")), "{exact:#?}");
    assert!(exact.iter().any(|s| s.contains("log_level() == i")), "{exact:#?}");
    let lean = slices(EXITS, Slicing::Lean);
    let [lean] = &lean[..] else { panic!("one path matters: {lean:#?}") };
    assert!(lean.contains("assume(!(x > 100))"), "{lean}");
    assert!(!lean.contains("assume(!(quiet") && !lean.contains("log_level"), "{lean}");
}

/// A jump to where Q's value is made keeps its branch, whatever that reads.
#[test]
fn jumps_that_choose_the_value_stay() {
    let text = "\
int *f(int *p, int ready)
{
    int *r;
    if (!ready)
        goto failed;
    r = p;
    goto done;
failed:
    r = 0;
done:
    // POST: r != 0
    return r;
}
";
    let lean = slices(text, Slicing::Lean);
    assert_eq!(lean.len(), 2, "{lean:#?}");
    assert!(lean.iter().any(|s| s.contains("assume(!ready)") && s.contains("r = 0;")), "{lean:#?}");
    assert!(lean.iter().any(|s| s.contains("r = p;")), "{lean:#?}");
}

/// README's example of what a lean slice gets wrong: the exit that keeps Q from being reached is gone.
#[test]
fn what_lean_slices_get_wrong() {
    let text = "\
int f(int mode, int x)
{
    if (mode != 1)
        return 0;
    int y = x;
    if (mode != 1)
        y = -1;
    // POST: y == x
    return y;
}
";
    let exact = slices(text, Slicing::Exact);
    let fails = |s: &&String| s.contains("y = -1");
    assert!(exact.iter().filter(fails).all(|s| s.contains("assume(!(mode != 1))")), "{exact:#?}");
    let lean = slices(text, Slicing::Lean);
    assert!(lean.iter().filter(fails).any(|s| !s.contains("assume(!(mode != 1))")), "{lean:#?}");
}

/// Each answer says what it was about, and `--strict` doesn't take a lean slice's word that something holds.
#[test]
fn answers_say_so() {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let file = folder.path().join("t.c");
    std::fs::write(&file, EXITS).expect("it can be written");
    let run = |flags: &[&str]| {
        let out = Command::new(env!("CARGO_BIN_EXE_weiser"))
            .args(["check", "--oracle", "run", "--slicing", "lean", "--no-cache"])
            .args(flags)
            .arg(&file)
            .current_dir(folder.path())
            .output()
            .expect("weiser runs");
        String::from_utf8_lossy(&out.stdout).into_owned()
    };
    let json: serde_json::Value = serde_json::from_str(&run(&["--format", "json"])).expect("it is JSON");
    let triple = &json["files"][0]["triples"][0];
    assert_eq!(triple["slicing"], "lean");
    assert_eq!(triple["answers"][0]["slicing"], "lean");
    assert!(run(&[]).contains("lean slices: branches that share no data"), "{}", run(&[]));
}

/// The five bugs in X11 programs, as functions and as whole files: a lean slice has the path of the published one in no more
/// tokens.
#[test]
fn the_published_slices_of_x11() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/datasets/autoexe/RQ2/X11");
    if !root.exists() {
        println!("skipped: the published subjects are not there");
        return;
    }
    // What the cause needs, each part on the path of one slice; tokens of the published slice.
    let subjects: [(&str, usize, &[&str]); 5] = [
        (
            "xinput",
            178,
            &["assume(_XiCheckExtInit(dpy, XInput_2_0, extinfo) == -1)", "return NULL;", "XIFreeDeviceInfo(info)"],
        ),
        (
            "xlsclients",
            229,
            &[
                "assume(c->has_error)",
                "return 0;",
                "assume(!cs->verbose)",
                "print_text_field (cs->c, NULL, client_machine)",
            ],
        ),
        (
            "xmodmap",
            279,
            &["res = (XModifierKeymap *) NULL;", "printMap = True;", "initialize_map ()", "print_modifier_map ()"],
        ),
        (
            "xset",
            506,
            &[
                "ctrls->repeat_interval = rep.repeatInterval;",
                "return Success;",
                "assume(XkbGetControls(dpy, XkbRepeatKeysMask, xkb) == Success)",
            ],
        ),
        (
            "xwininfo",
            597,
            &[
                "depth_iter = xcb_screen_allowed_depths_iterator (screen)",
                "xcb_depth_next (&depth_iter)",
                "visual_iter = xcb_depth_visuals_iterator (depth_iter.data)",
                "xcb_visualtype_next (&visual_iter)",
            ],
        ),
    ];
    for (name, published, needed) in subjects {
        for file in ["PROMPT_FUNC.c", "PROMPT_FILE.c"] {
            let text = std::fs::read_to_string(root.join(name).join(file)).expect("it can be read");
            let slices = slices(&text, Slicing::Lean);
            let with_cause = slices.iter().filter(|s| needed.iter().all(|n| s.contains(n)));
            let with_cause = with_cause.map(|s| (weiser::prompt::tokens(s) as usize, s));
            let (least, slice) = with_cause.min().expect("a slice with the cause");
            println!("{name}, {file}: {least} tokens, published {published}");
            assert!(least <= published, "{name}, {file}: {least} tokens, published {published}");
            let language = syntax::by_name("c").expect("C is known");
            assert_eq!(syntax::has_errors(slice, language), 0, "{slice}");
        }
    }
}

const OFFSETS: &str = "\
struct block { int len; };
static int block_size(struct block *b)
{
    int size = (int)sizeof(struct block);
    if (b->len > 0)
        size += b->len;
    return size;
}
static int twice(int n)
{
    return n * 2;
}
int f(struct block *b, int n)
{
    struct block *next = (struct block *)((char *)b + block_size(b));
    int m = twice(n);
    // POST: next > b && m >= n
    return m;
}
";

/// Where a pointer goes is said by the name of a function; what a number is made from is shown.
#[test]
fn functions_that_only_move_a_pointer_stay_calls() {
    let exact = slices(OFFSETS, Slicing::Exact);
    assert!(exact.iter().all(|s| s.contains("size = (int)sizeof(struct block)")), "{exact:#?}");
    let lean = slices(OFFSETS, Slicing::Lean);
    let [lean] = &lean[..] else { panic!("one path matters: {lean:#?}") };
    assert!(lean.contains("block_size(b)") && !lean.contains("int size"), "{lean}");
    assert!(lean.contains("return n * 2"), "{lean}");
    // Used for its number too, it is shown.
    let also = slices(&OFFSETS.replace("twice(n)", "block_size(b)"), Slicing::Lean);
    assert!(also.iter().all(|s| s.contains("int size")), "{also:#?}");
}

/// A pointer whose address is taken keeps its value apart from what it points to; it changes with whatever may be written through
/// its address.
#[test]
fn a_pointer_whose_address_is_taken() {
    let text = "\
static int *table;
static void reset(int **where)
{
    *where = 0;
}
int f(int *p, int n, int clear)
{
    for (int i = 0; i < n; i++)
        fill(p, i);
    table = p;
    if (clear)
        reset(&table);
    // POST: table != 0
    return 0;
}
";
    for slicing in [Slicing::Exact, Slicing::Lean] {
        let slices = slices(text, slicing);
        assert!(slices.iter().any(|s| s.contains("*where = 0")), "{slices:#?}");
        assert!(slices.iter().all(|s| s.contains("table = p")), "{slices:#?}");
    }
    assert!(slices(text, Slicing::Lean).iter().all(|s| !s.contains("fill(p, i)")));
}

/// `extern` beside the definition says nothing, unless somebody uses the name in between.
#[test]
fn a_variable_is_declared_once() {
    let text = "\
extern int limit;
/**/
int limit = 3;
int f(int x)
{
    // POST: x < limit
    return x;
}
";
    assert!(slices(text, Slicing::Exact).iter().all(|s| !s.contains("extern")));
    let used = text.replace("/**/", "int *where = &limit;").replace("x < limit", "x < *where");
    assert!(slices(&used, Slicing::Exact).iter().all(|s| s.contains("extern")));
    let never = text.replace("int limit = 3;", "");
    assert!(slices(&never, Slicing::Exact).iter().all(|s| s.contains("extern")));
}

/// A jump into a loop goes past its condition, which then is on no path.
#[test]
fn a_condition_that_a_jump_goes_past() {
    let text = "\
int f(int x, int n)
{
    goto inside;
    while (n > 0) {
inside:
        x = x + 1;
        // POST: x > 0
        return x;
    }
    return 0;
}
";
    assert!(!slices(text, Slicing::Lean).is_empty());
}

/// What is declared nowhere may be a macro, which may assign what it is given by name; a lean slice doesn't think so.
#[test]
fn an_unseen_macro_may_assign_a_pointer() {
    let text = "\
int f(struct request *r, int n)
{
    struct request *req = r;
    GET_REQUEST(n, req);
    // POST: req != 0
    return 0;
}
";
    assert!(slices(text, Slicing::Exact).iter().all(|s| s.contains("GET_REQUEST")));
    assert!(slices(text, Slicing::Lean).iter().all(|s| !s.contains("GET_REQUEST")));
}
