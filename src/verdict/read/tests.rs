use super::*;
use proptest::prelude::*;
use serde_json::json;

fn verdict(text: &str) -> Option<Verdict> {
    read(text).map(|reading| reading.verdict)
}

const PASS: &str = r#"{"reason": "r", "verdict": "pass", "counterexample": []}"#;
const FAIL: &str = r#"{"reason": "r", "verdict": "fail", "counterexample": [{"name": "x", "value": "-1"}]}"#;

#[test]
fn json_by_itself_after_thinking_and_in_a_fence() {
    for text in [
        FAIL.to_string(),
        format!("\n {FAIL} \n"),
        format!("<think>it may pass: {PASS}</think>\n{FAIL}"),
        format!("it may pass: {PASS}</think>{FAIL}"),
        format!("Here it is:\n```json\n{FAIL}\n```\nI hope this helps."),
        format!("First I thought {PASS}, but then {FAIL}"),
        format!("if (x) {{ y = '}}'; }} gives {FAIL}"),
        format!("{FAIL}\nVerdict: FAIL"),
    ] {
        let reading = read(&text).unwrap_or_else(|| panic!("{text}"));
        assert_eq!(reading.verdict, Verdict::Fail, "{text}");
        assert_eq!(reading.counterexample["x"], json!(-1), "{text}");
    }
}

#[test]
fn a_last_line_with_the_verdict() {
    for text in [
        "Verdict: FAIL",
        "reasoning\n\nverdict: fail\n",
        "reasoning\n**Verdict: FAIL**",
        "reasoning\n**Verdict:** FAIL.",
        "reasoning\n### Final Verdict: `FAIL`\n```\n",
        "<think>Verdict: PASS</think>\nx = -1 breaks it\nVerdict: FAIL",
        "Verdict: PASS\nNo, wait.\nVerdict: FAIL",
    ] {
        assert_eq!(verdict(text), Some(Verdict::Fail), "{text}");
    }
    assert_eq!(
        read("Intro.\n\nWith x = -1, y is 2.\nSo Q is false.\n\nVerdict: FAIL").unwrap().reason,
        "With x = -1, y is 2.\nSo Q is false."
    );
}

#[test]
fn a_word_somewhere_is_no_verdict() {
    for text in [
        "",
        "unverifiable",
        "This is unverifiable, so verifiable it is not.",
        "PASS",
        "The verdict is PASS.",
        "Verdict: PASS or FAIL",
        "Verdict: PASS|FAIL|UNKNOWN",
        "Verdict: PASSABLE",
        "Verdict: PASS\nbut I am not sure about that",
        "My verdict: it would PASS",
        "Verdict:",
        "<think>Verdict: PASS",
        "<think>it passes\n\nVerdict: PASS",
        r#"{"verdict": "pass"}"#,
        r#"{"verdict": "passes", "reason": "r"}"#,
        r#"{"verdict": true, "reason": "r"}"#,
        r#"{"verdict": "pass", "verdict": "fail", "reason": "r"}"#,
        r#"{"verdict": "fail", "reason": "r", "counterexample": "x = 1"}"#,
        r#"{"wrapped": {"reason": "r", "verdict": "pass", "counterexample": []}}"#,
        r#"{"reason": "r", "verdict": "pass", "counterexam"#,
        r#"["pass"]"#,
    ] {
        assert_eq!(verdict(text), None, "{text}");
    }
}

#[test]
fn a_reply_that_contradicts_itself_has_no_verdict() {
    assert_eq!(verdict(&format!("{PASS}\nVerdict: FAIL")), None);
}

#[test]
fn models_that_are_not_held_to_the_schema() {
    let object =
        read(r#"{"verdict": "FAIL", "reason": "r", "counterexample": {"x": -1, "s": "abc"}, "confidence": 0.9}"#)
            .unwrap();
    assert_eq!(object.counterexample, BTreeMap::from([("x".into(), json!(-1)), ("s".into(), json!("abc"))]));
    assert_eq!(read(r#"{"verdict": "fail", "reason": "r"}"#).unwrap().counterexample, BTreeMap::new());
    let listed = r#"{"verdict": "fail", "reason": "r", "counterexample": [{"name": "x", "value": 1}, {"name": "x", "value": 2}]}"#;
    assert_eq!(read(listed).unwrap().counterexample["x"], json!(1));
    let passes = FAIL.replace("fail", "pass");
    assert_eq!(read(&passes).unwrap().counterexample, BTreeMap::new());
}

#[test]
fn values_are_json_where_they_parse_and_stay_what_was_written() {
    let value = |text: &str| {
        let reply = json!({"verdict": "fail", "reason": "r", "counterexample": [{"name": "x", "value": text}]});
        read(&reply.to_string()).unwrap().counterexample["x"].clone()
    };
    assert_eq!(value("3"), json!(3));
    assert_eq!(value("\"3\""), json!("3"));
    assert_eq!(value("[1, null]"), json!([1, null]));
    assert_eq!(value("2.5"), json!(2.5));
    assert_eq!(value("18446744073709551615"), json!(u64::MAX));
    assert_eq!(value("18446744073709551616"), json!("18446744073709551616"));
    assert_eq!(value("[18446744073709551616]"), json!("[18446744073709551616]"));
    assert_eq!(value("abc"), json!("abc"));
    assert_eq!(value("None"), json!("None"));
}

#[test]
fn nothing_that_drives_a_terminal_is_kept() {
    let reply = json!({"verdict": "fail", "reason": "a\u{1b}[2Jb\u{7}\nc", "counterexample": [{"name": "\u{1b}x", "value": "\u{1b}y"}]});
    let reading = read(&reply.to_string()).unwrap();
    assert_eq!(reading.reason, "a[2Jb\nc");
    assert_eq!(reading.counterexample, BTreeMap::from([("x".into(), json!("y"))]));
    let long = json!({"verdict": "pass", "reason": "é".repeat(9999), "counterexample": []});
    assert_eq!(read(&long.to_string()).unwrap().reason.chars().count(), LONGEST_REASON + 1);
}

#[test]
fn hostile_text_takes_no_time() {
    for hostile in ["{", "{\"a\":", "{\"a\":[", "{}", "{\"", "\\\"{", "</think>", "\n", "Verdict: "] {
        assert_eq!(verdict(&hostile.repeat(200_000)), None, "{hostile}");
    }
}

proptest! {
    #[test]
    fn random_text_neither_panics_nor_decides(text in "\\PC{0,300}") {
        let decided = read(&text).is_some();
        prop_assert!(!decided || text.to_lowercase().contains("verdict"));
    }

    #[test]
    fn text_of_the_right_words_never_panics(parts in proptest::collection::vec(prop_oneof![
        Just("{"), Just("}"), Just("\""), Just("\"verdict\""), Just(":"), Just("\"pass\""), Just("\"reason\""), Just(","),
        Just("<think>"), Just("</think>"), Just("```"), Just("\n"), Just("Verdict: "), Just("PASS"), Just("FAIL"), Just("é"), Just("["),
    ], 0..40)) {
        read(&parts.concat());
    }

    #[test]
    fn what_was_written_is_read(reason in "\\PC{0,80}", number: i64, before in "[a-z .{}\"]{0,40}") {
        let reply = json!({"reason": reason, "verdict": "fail", "counterexample": [{"name": "x", "value": number.to_string()}]});
        let reading = read(&reply.to_string()).unwrap();
        prop_assert_eq!(&reading.counterexample["x"], &json!(number));
        prop_assert_eq!(verdict(&format!("{before}\n```json\n{reply}\n```\n")), Some(Verdict::Fail));
    }
}
