//! The workspace that `init` writes: files that load as they are and teach by their comments.
//!
//! They are ordinary files beside this one, so that they are read and reviewed as what they
//! become.

/// One file of a new workspace.
pub(super) struct NewFile {
    /// Path below the workspace.
    pub(super) path: String,
    /// Its content.
    pub(super) text: String,
}

/// What a new workspace is filled in with. All of it is checked before.
pub(super) struct Answers<'a> {
    pub(super) tenant: &'a str,
    pub(super) name: &'a str,
    pub(super) owner: &'a str,
    pub(super) zone: &'a str,
}

/// Every file of a new workspace.
pub(super) fn files(answers: &Answers<'_>) -> Vec<NewFile> {
    let top = [
        ("countersign.toml", include_str!("countersign.toml")),
        (".gitignore", include_str!("gitignore")),
    ];
    let tenant = [
        ("tenant.toml", include_str!("tenant/tenant.toml")),
        ("sources.toml", include_str!("tenant/sources.toml")),
        ("playbooks.toml", include_str!("tenant/playbooks.toml")),
        ("connectors.toml", include_str!("tenant/connectors.toml")),
        (
            "guards/example.cedar",
            include_str!("tenant/guards/example.cedar"),
        ),
        (
            "scenarios/example.toml",
            include_str!("tenant/scenarios/example.toml"),
        ),
    ];
    let top = top.map(|(path, text)| (path.to_owned(), text));
    let tenant = tenant.map(|(path, text)| (format!("tenants/{}/{path}", answers.tenant), text));
    let all = top.into_iter().chain(tenant);
    all.map(|(path, text)| NewFile {
        path,
        text: fill(text, answers),
    })
    .collect()
}

fn fill(text: &str, answers: &Answers<'_>) -> String {
    text.replace("@TENANT@", answers.tenant)
        .replace("@ZONE@", &quoted(answers.zone))
        .replace("@OWNER@", &quoted(answers.owner))
        // Last, because a name may hold any text, one of the others among it.
        .replace("@NAME@", &quoted(answers.name))
}

/// A text as TOML has it: a JSON string is a TOML string.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
