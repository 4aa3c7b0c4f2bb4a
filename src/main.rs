fn main() -> std::process::ExitCode {
    weiser::cli::main()
}
