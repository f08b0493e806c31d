//! The files of a workspace: what is wrong is told with file and line, all at once, with exit code
//! 2; nothing starts on it, and a host that runs goes on.

use crate::goes_on;
use e2e::{Setup, binary};
use serde_json::Value;
use std::path::Path;
use std::process::{Command, Output};

fn run(workspace: &Path, words: &[&str]) -> Output {
    let mut command = Command::new(binary());
    command.arg("--dir").arg(workspace).args(words);
    command.output().unwrap()
}

/// File below the workspace, what is appended to it, and the code.
const ROWS: &[(&str, &str, &str)] = &[
    ("countersign.toml", "\n[lisen]\nport = 1\n", "CS-config-04"),
    (
        "countersign.toml",
        "\n[limits.playbook]\nfule_millions = 1\n",
        "CS-config-04",
    ),
    (
        "countersign.toml",
        "\n[limits.playbook]\nfuel_millions = 0\n",
        "CS-config-17",
    ),
    (
        "countersign.toml",
        "\n[limits.playbook]\nlookups = \"many\"\n",
        "CS-config-06",
    ),
    (
        "countersign.toml",
        "\n[intake]\nbatch_bytes_max = 1\n",
        "CS-config-07",
    ),
    ("countersign.toml", "\n[intake\n", "CS-config-03"),
    (
        "tenants/acme/tenant.toml",
        "\n[approvals]\nexpiry = 1\n",
        "CS-config-04",
    ),
    (
        "tenants/acme/playbooks.toml",
        "\n[[playbook]]\nplugn = \"a.b\"\n",
        "CS-config-04",
    ),
    (
        "tenants/acme/playbooks.toml",
        "\n[[playbook]]\nplugin = \"no id\"\n",
        "CS-config-07",
    ),
    (
        "tenants/acme/sources.toml",
        "\n[[source]]\nname = \"sentinelone\"\nplugin = \"a.b\"\n",
        "CS-config-11",
    ),
    (
        "tenants/acme/connectors.toml",
        "\n[[connector]]\nname = \"x\"\n",
        "CS-config-05",
    ),
    (
        "tenants/acme/connectors.toml",
        "\n[[connector]]\nname = \"x\"\nplugin = \"a.b\"\nactions = [\"explode\"]\n",
        "CS-config-08",
    ),
    (
        "tenants/acme/connectors.toml",
        "\n[[connector]]\nname = \"x\"\nplugin = \"a.b\"\ncredentials = { api = \"hunter2\" }\n",
        "CS-config-13",
    ),
];

#[test]
fn what_is_wrong_with_a_file_is_told_with_its_line_and_nothing_starts_on_it() {
    let stack = Setup::new().start();
    let workspace = stack.workspace();
    for (name, more, code) in ROWS {
        let file = workspace.join(name);
        let good = std::fs::read_to_string(&file).unwrap();
        std::fs::write(&file, format!("{good}{more}")).unwrap();
        let lines = good.lines().count();

        let check = run(workspace, &["--json", "check"]);
        assert_eq!(check.status.code(), Some(2), "{name} {more}");
        let told: Value = serde_json::from_slice(&check.stdout).unwrap();
        let errors = told["errors"].as_array().unwrap();
        let fits = |it: &&Value| {
            it["code"] == *code
                && it["file"].as_str().is_some_and(|it| it.ends_with(name))
                && it["line"].as_u64().is_some_and(|it| it > lines as u64)
        };
        assert_eq!(
            errors.iter().filter(fits).count(),
            1,
            "{name} {more}: {told:#}"
        );
        assert!(!told.to_string().contains("hunter2"), "{told}");

        let serve = run(workspace, &["serve", "--listen", "127.0.0.1:0"]);
        assert_eq!(serve.status.code(), Some(2), "{name} {more}");
        let text = String::from_utf8_lossy(&serve.stderr);
        assert!(
            text.contains(code) && text.contains(&format!("{name}:")),
            "{text}"
        );
        assert!(!text.contains("hunter2"), "{text}");

        goes_on(&stack, name);
        std::fs::write(&file, good).unwrap();
    }
    assert_eq!(run(workspace, &["check"]).status.code(), Some(0));
}

#[test]
fn what_nobody_reads_and_guards_that_are_none_keep_a_host_from_starting() {
    let mut stack = Setup::new().start();
    let tenant = stack.workspace().join("tenants/acme");
    let folder = tenant.join("guard");
    std::fs::create_dir(&folder).unwrap();
    let check = run(stack.workspace(), &["check"]);
    assert_eq!(check.status.code(), Some(2));
    let text = String::from_utf8_lossy(&check.stderr).into_owned();
    assert!(text.contains("CS-config-16"), "{text}");
    std::fs::remove_dir(&folder).unwrap();

    let guard = tenant.join("guards/bad.cedar");
    let text = "@id(\"acme-all\")\n@reason(\"r\")\n@advice(\"a\")\npermit (principal, action, resource);\n";
    std::fs::write(&guard, text).unwrap();
    let serve = run(stack.workspace(), &["serve", "--listen", "127.0.0.1:0"]);
    assert_ne!(serve.status.code(), Some(0));
    let text = String::from_utf8_lossy(&serve.stderr).into_owned();
    assert!(
        text.contains("CS-guard-05") && text.contains("bad.cedar:"),
        "{text}"
    );
    goes_on(&stack, "files that are wrong");
    std::fs::remove_file(&guard).unwrap();
    stack.restart();
    goes_on(&stack, "a restart");
}
