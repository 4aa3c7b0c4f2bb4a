use super::*;

#[test]
fn messages_are_one_clean_line_without_key_and_user() {
    let settings = Settings { headers: vec![("x-team".into(), Secret::new("s3cret").unwrap())], ..Settings::default() };
    let key = Secret::new("sk-77").map(|key| (KeyHeader::Bearer, key));
    let http = Http::new("user:passw@127.0.0.1:1/v1/?key=1", key, &settings).unwrap();
    assert_eq!(http.url, "http://127.0.0.1:1/v1");
    assert_eq!(http.clean("bad\u{1b}[31m key\r\nsk-77 s3cret passw"), "bad [31m key [key] [key] [key]");
    assert_eq!(http.clean(&"é".repeat(1000)).chars().count(), LONGEST_MESSAGE + 1);
    for wrong in ["", "ftp://x", "http://", "::"] {
        assert!(matches!(Http::new(wrong, None, &settings), Err(OracleError::Usage { .. })), "{wrong}");
    }
}

#[test]
fn headers_and_authorities_that_are_none_are_wrong_usage() {
    let error = |settings: Settings| Http::new("https://example.org", None, &settings).err().unwrap().to_string();
    let header = |name: &str, value: &str| Settings {
        headers: vec![(name.into(), Secret::new(value).unwrap())],
        ..Settings::default()
    };
    assert_eq!(error(header("two words", "x")), "headers: `two words` is no name");
    assert!(error(header("x-a", "a\u{1}b")).contains("the value of `x-a`"));
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("ca.pem");
    let with_file = || error(Settings { ca_file: Some(file.clone()), ..Settings::default() });
    assert!(with_file().contains("ca.pem: "), "{}", with_file());
    std::fs::write(&file, "no certificate").unwrap();
    assert!(with_file().contains("holds no certificate"), "{}", with_file());
}
