//! The binary: everything it does is in the library, where it can be tested.

fn main() -> std::process::ExitCode {
    countersign::cli::main()
}
