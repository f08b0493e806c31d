//! Whole workspaces, good and bad, as an operator would have them on disk.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

use super::*;
use crate::engine::{LimitKind, Limits};
use crate::model::{Millis, Mode, Verb};
use std::fs;

const TENANT: &str =
    "name = \"Acme\"\nzone = \"Europe/Berlin\"\ndefault_owner = \"own@acme.example\"\n";

/// A workspace on disk: a valid one, with some files replaced or added. An empty text removes.
struct Workspace(tempfile::TempDir);

impl Workspace {
    fn with(files: &[(&str, &str)]) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let valid = [(HOST_FILE, ""), ("tenants/acme/tenant.toml", TENANT)];
        for (path, text) in valid.iter().chain(files) {
            let path = dir.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        Self(dir)
    }
    fn load(&self) -> Result<Config, Vec<ConfigError>> {
        Config::load(self.0.path(), &Surroundings::default())
    }
    /// All errors as people see them, with the folder called WORKSPACE.
    fn told(&self) -> String {
        let errors = self.load().expect_err("this workspace is wrong");
        let folder = self.0.path().display().to_string();
        render_all(&errors, false).replace(&folder, "WORKSPACE")
    }
    fn codes(&self) -> Vec<&'static str> {
        match self.load() {
            Ok(_) => Vec::new(),
            Err(errors) => errors.iter().map(|it| it.code.as_str()).collect(),
        }
    }
}

fn tenant(more: &str) -> String {
    format!("{TENANT}{more}")
}

#[test]
fn a_workspace_that_says_nothing_gets_every_default() {
    let config = Workspace::with(&[]).load().unwrap();
    assert_eq!(config.host.listen.to_string(), "127.0.0.1:7070");
    assert_eq!(config.host.intake.detection_bytes_max, 1024 * 1024);
    assert_eq!(config.host.page_repeat.as_secs(), 900);
    assert_eq!(config.host.limits, Limits::default());
    let acme = &config.tenants[&TenantId::new("acme")];
    assert_eq!(acme.mode_at(Millis(0)), Mode::Observe);
    assert_eq!(acme.approval.expiry.as_secs(), 240 * 60);
    assert_eq!(acme.approval.process_expiry.as_secs(), 15 * 60);
    assert_eq!((acme.surge.devices, acme.surge.percent), (5, 10));
    assert!(!acme.unreviewed_accepted_at(Millis(0)));
}

#[test]
fn everything_that_can_be_set_arrives_where_it_is_used() {
    let workspace = Workspace::with(&[
        (
            HOST_FILE,
            "listen = \"[::1]:9\"\ndata_dir = \"d\"\nplugins_dir = \"/p\"\n\
             evaluator_threads = 3\npage_repeat_s = 5\n[log]\nformat = \"json\"\nfilter = \"warn\"\n\
             [intake]\ndetection_bytes_max = 2048\nbatch_bytes_max = 4096\nopen_cases_max = 7\n\
             [limits.playbook]\nfuel_millions = 11\n",
        ),
        (
            "tenants/acme/tenant.toml",
            &tenant(
                "mode = \"enforce\"\npage_channels = [\"pager\"]\nstale_after_days = 9\n\
                 [acceptance]\naccepted_by = \"cio@acme.example\"\nuntil = 2027-01-31\n\
                 [unreviewed_workstations]\naccepted_by = \"cio@acme.example\"\nuntil = 2027-01-31T12:00:00Z\n\
                 [working_hours]\nmonday = [\"08:00-12:00\", \"13:00-17:00\"]\n\
                 [approval]\nexpiry_minutes = 60\nprocess_expiry_minutes = 2\n\
                 [surge]\ndevices = 2\npercent = 3\nwindow_minutes = 30\n\
                 [[freeze]]\nfrom = 2026-12-24\nto = 2026-12-26\ngroups = [\"erp\"]\n\
                 [[change_window]]\nfrom = 2026-12-05T22:00:00\nto = 2026-12-06T04:00:00\n",
            ),
        ),
        (
            "tenants/acme/sources.toml",
            "[[source]]\nname = \"s1\"\nplugin = \"a.b\"\nversion = \"1.0.0\"\nsettings = { console = \"x\", ids = [1, 2] }\n\
             [source.webhook]\nhmac_secret = { file = \"secrets/hook\" }\nhmac_header = \"X-Sig\"\n",
        ),
        (
            "tenants/acme/playbooks.toml",
            "[[playbook]]\nplugin = \"a.p\"\nsettings = { max = 3, on = true }\n",
        ),
        (
            "tenants/acme/connectors.toml",
            "[[connector]]\nname = \"pager\"\nplugin = \"a.c\"\ncredentials = { api = { file = \"secrets/api\" } }\n\
             allow_private = [\"127.0.0.1\", \"10.1.2.0/24\", \"::1\"]\nactions = [\"notify\"]\n",
        ),
        ("tenants/acme/secrets/api", "hunter2\n"),
        ("tenants/acme/secrets/hook", "hook"),
        ("tenants/acme/guards/own.cedar", "// none\n"),
        ("tenants/acme/scenarios/own.toml", ""),
    ]);
    let config = workspace
        .load()
        .map_err(|it| render_all(&it, false))
        .unwrap();

    let host = &config.host;
    assert_eq!(
        (host.page_repeat.as_secs(), host.evaluator_threads.get()),
        (5, 3)
    );
    assert!(host.data_dir.ends_with("d") && host.data_dir.starts_with(&config.dir));
    assert_eq!(host.plugins_dir.as_deref(), Some(Path::new("/p")));
    assert_eq!(host.intake.open_cases_max, 7);
    assert_eq!(
        host.log,
        LogConfig {
            format: LogFormat::Json,
            filter: "warn".to_owned()
        }
    );
    assert_eq!(host.limits.playbook.fuel_millions, 11);

    let acme = &config.tenants[&TenantId::new("acme")];
    // Until 31 January, in Berlin: the first moment after it is 23:00 UTC.
    let end = Millis::parse("2027-01-31T23:00:00Z").unwrap();
    assert_eq!(acme.mode_at(end.minus(1)), Mode::Enforce);
    assert_eq!(acme.mode_at(end), Mode::Hold);
    assert!(acme.unreviewed_accepted_at(Millis::parse("2027-01-31T11:59:59Z").unwrap()));
    assert!(!acme.unreviewed_accepted_at(Millis::parse("2027-01-31T12:00:00Z").unwrap()));
    let at = Millis::parse("2026-12-26T22:59:59Z").unwrap();
    assert!(acme.freezes[0].covers(at, &["erp".into()]));
    assert!(!acme.freezes[0].covers(at.plus(1000), &["erp".into()]));
    assert_eq!(
        acme.change_windows[0].from,
        Millis::parse("2026-12-05T21:00:00Z").unwrap()
    );
    assert_eq!((acme.surge.devices, acme.surge.window.as_secs()), (2, 1800));
    assert_eq!(
        (acme.guards[0].name.as_str(), acme.guards[0].file.text()),
        ("own", "// none\n")
    );
    assert_eq!(
        acme.sources[0].settings.to_json(),
        serde_json::json!({"console": "x", "ids": [1, 2]})
    );
    match &acme.sources[0].webhook {
        Some(Webhook::Hmac { secret, header }) => {
            assert_eq!(
                (secret.read().unwrap().expose(), header.as_str()),
                ("hook", "x-sig")
            );
        }
        other => panic!("{other:?}"),
    }
    let pager = &acme.connectors[0];
    assert_eq!(
        pager.credentials["api"].value.read().unwrap().expose(),
        "hunter2"
    );
    assert_eq!(pager.allow_private.len(), 3);
    assert!(pager.routes(Verb::Notify) && !pager.routes(Verb::ContainDevice));
    assert_eq!(
        acme.playbooks[0].settings.to_json(),
        serde_json::json!({"max": 3, "on": true})
    );
}

/// One mistake a row: the file, its text, and the codes that must be told.
#[test]
fn each_mistake_is_refused_with_its_code() {
    let sources = "tenants/acme/sources.toml";
    let connectors = "tenants/acme/connectors.toml";
    let playbooks = "tenants/acme/playbooks.toml";
    let own = "tenants/acme/tenant.toml";
    let connector = |more: &str| format!("[[connector]]\nname = \"c\"\nplugin = \"a.c\"\n{more}");
    let rows: Vec<(&str, String, &[&str])> = vec![
        (
            HOST_FILE,
            "lisen = \"127.0.0.1:1\"".into(),
            &["CS-config-04"],
        ),
        (
            HOST_FILE,
            "[limits.playbook]\nfuel = 3".into(),
            &["CS-config-04"],
        ),
        (
            HOST_FILE,
            "[limits.plugin]\nwall_ms = 3".into(),
            &["CS-config-04"],
        ),
        (
            HOST_FILE,
            "[limits.playbook]\nwall_ms = 0".into(),
            &["CS-config-17"],
        ),
        (HOST_FILE, "listen = 7070".into(), &["CS-config-06"]),
        (
            HOST_FILE,
            "listen = \"localhost:7070\"".into(),
            &["CS-config-07"],
        ),
        (HOST_FILE, "log = \"json\"".into(), &["CS-config-06"]),
        (
            HOST_FILE,
            "[log]\nformat = \"jsno\"".into(),
            &["CS-config-08"],
        ),
        (
            HOST_FILE,
            "[log]\nfilter = \"countersign=loud\"".into(),
            &["CS-config-07"],
        ),
        (HOST_FILE, "page_repeat_s = 1.5".into(), &["CS-config-06"]),
        (HOST_FILE, "page_repeat_s = -1".into(), &["CS-config-07"]),
        (
            HOST_FILE,
            "evaluator_threads = 99999999999999999999".into(),
            &["CS-config-07"],
        ),
        (
            HOST_FILE,
            "[intake]\ndetection_bytes_max = 1048577".into(),
            &["CS-config-07"],
        ),
        (
            HOST_FILE,
            "[intake]\nbatch_bytes_max = 2048".into(),
            &["CS-config-07"],
        ),
        (HOST_FILE, "listen = ".into(), &["CS-config-03"]),
        (
            HOST_FILE,
            "page_repeat_s = 1\npage_repeat_s = 2".into(),
            &["CS-config-03"],
        ),
        (
            own,
            "name = \"Acme\"\nzone = \"UTC\"".into(),
            &["CS-config-05"],
        ),
        (own, TENANT.replace("Berlin", "Berln"), &["CS-config-09"]),
        (
            own,
            TENANT.replace("Europe/Berlin", "europe/berlin"),
            &["CS-config-09"],
        ),
        (own, tenant("mode = \"enforced\""), &["CS-config-08"]),
        (own, tenant("mode = \"enforce\""), &["CS-config-15"]),
        (
            own,
            tenant("mode = \"enforce\"\n[acceptance]\naccepted_by = \"a\""),
            &["CS-config-05"],
        ),
        (own, tenant("page_channels = [\"pagr\"]"), &["CS-config-12"]),
        (
            own,
            tenant("[working_hours]\nmoday = \"08:00-18:00\""),
            &["CS-config-04"],
        ),
        (
            own,
            tenant("[working_hours]\nmonday = \"8-18\""),
            &["CS-config-10"],
        ),
        (
            own,
            tenant("[[freeze]]\nfrom = 2026-12-24\nto = 2026-12-23"),
            &["CS-config-10"],
        ),
        (
            own,
            tenant("[[freeze]]\nfrom = \"2026-12-24\"\nto = 2026-12-25"),
            &["CS-config-06"],
        ),
        (
            own,
            tenant("[[freeze]]\nfrom = 2026-12-24\nto = 2026-12-25\ngroups = []"),
            &["CS-config-07"],
        ),
        (
            own,
            tenant("[[change_window]]\nfrom = 2026-10-25T02:30:00\nto = 2026-10-26"),
            &["CS-config-10"],
        ),
        (
            own,
            tenant("[[change_window]]\nfrom = 2026-03-29T02:30:00\nto = 2026-10-26"),
            &["CS-config-10"],
        ),
        (own, tenant("[surge]\ndevices = 1000"), &["CS-config-07"]),
        (
            own,
            TENANT.replace("own@acme.example", "the owner"),
            &["CS-config-07"],
        ),
        (
            sources,
            "[[source]]\nname = \"ocsf\"\nplugin = \"a.b\"".into(),
            &["CS-config-11"],
        ),
        (
            sources,
            "[[source]]\nname = \"S 1\"\nplugin = \"ab\"".into(),
            &["CS-config-07", "CS-config-07"],
        ),
        (
            sources,
            "[[source]]\nname = \"s\"\nplugin = \"a.b\"\n[source.webhook]\n".into(),
            &["CS-config-07"],
        ),
        (
            sources,
            "[[source]]\nname = \"s\"\nplugin = \"a.b\"\n[source.webhook]\nhmac_secret = \"x\""
                .into(),
            &["CS-config-13"],
        ),
        (
            sources,
            "[[source]]\nname = \"s\"\nplugin = \"a.b\"\nsettings = { at = 2026-01-01 }".into(),
            &["CS-config-06"],
        ),
        (
            sources,
            "[[sources]]\nname = \"s\"".into(),
            &["CS-config-04"],
        ),
        (
            playbooks,
            "[[playbook]]\nplugin = \"a.b\"\n[[playbook]]\nplugin = \"a.b\"".into(),
            &["CS-config-11"],
        ),
        (
            playbooks,
            "[[playbook]]\nplugin = \"a.b\"\nstage = \"active\"".into(),
            &["CS-config-04"],
        ),
        (
            connectors,
            format!("{0}{0}", connector("")),
            &["CS-config-11"],
        ),
        (
            connectors,
            connector("credentials = { api = \"hunter2\" }"),
            &["CS-config-13"],
        ),
        (
            connectors,
            connector("credentials = { api = { value = \"hunter2\" } }"),
            &["CS-config-13"],
        ),
        (
            connectors,
            connector("settings = { api-token = \"hunter2\" }"),
            &["CS-config-13"],
        ),
        (
            connectors,
            connector("credentials = { api = { file = \"secrets/none\" } }"),
            &["CS-config-14"],
        ),
        (
            connectors,
            connector("credentials = { api = { file = \"../globex/secrets/api\" } }"),
            &["CS-config-14"],
        ),
        (
            connectors,
            connector("credentials = { api = { file = \"/etc/passwd\" } }"),
            &["CS-config-14"],
        ),
        (
            connectors,
            connector("credentials = { api = { credential = \"globex.api\" } }"),
            &["CS-config-14"],
        ),
        (
            connectors,
            connector("credentials = { api = { file = \"a\", credential = \"acme.b\" } }"),
            &["CS-config-14"],
        ),
        (
            connectors,
            connector("allow_private = [\"169.254.169.254\"]"),
            &["CS-config-18"],
        ),
        (
            connectors,
            connector("allow_private = [\"8.8.8.8\"]"),
            &["CS-config-18"],
        ),
        (
            connectors,
            connector("allow_private = [\"0.0.0.0/0\"]"),
            &["CS-config-18"],
        ),
        (
            connectors,
            connector("allow_private = [\"10.1.2.3/24\"]"),
            &["CS-config-18"],
        ),
        (
            connectors,
            connector("allow_private = [\"::ffff:169.254.1.1\"]"),
            &["CS-config-18"],
        ),
        (
            connectors,
            connector("actions = [\"contain-devise\"]"),
            &["CS-config-08"],
        ),
        (
            "tenants/acme/guard/own.cedar",
            String::new(),
            &["CS-config-16"],
        ),
        (
            "tenants/acme/guards/own.ceder",
            String::new(),
            &["CS-config-16"],
        ),
        ("tenants/acme/source.toml", String::new(), &["CS-config-16"]),
        (
            "tenants/Globex/tenant.toml",
            TENANT.into(),
            &["CS-config-07"],
        ),
        (
            "tenants/globex/sources.toml",
            String::new(),
            &["CS-config-01"],
        ),
    ];
    for (path, text, codes) in rows {
        let workspace = Workspace::with(&[(path, &text)]);
        assert_eq!(workspace.codes(), codes, "{path}:\n{text}");
    }
}

#[test]
fn all_errors_of_all_files_are_told_at_once_in_order() {
    let workspace = Workspace::with(&[
        (
            HOST_FILE,
            "lisen = \"127.0.0.1:1\"\npage_repeat_s = \"often\"\n\n[limits.playbook]\nfuel_milions = 5\n",
        ),
        (
            "tenants/acme/tenant.toml",
            "name = \"Acme\"\nzone = \"Europe/Berln\"\nmode = \"enforce\"\npage_channels = [\"pagr\"]\n\n\
             [working_hours]\nmonday = \"8-18\"\n",
        ),
        (
            "tenants/acme/connectors.toml",
            "[[connector]]\nname = \"pager\"\nplugin = \"countersign.webhook\"\n\n\
             [[connector]]\nname = \"pager\"\nplugin = \"countersign.webhook\"\n",
        ),
        ("tenants/acme/guard/x.cedar", ""),
    ]);
    insta::assert_snapshot!(workspace.told());
}

#[test]
fn an_inline_secret_is_refused_and_never_repeated() {
    let workspace = Workspace::with(&[
        (
            "tenants/acme/connectors.toml",
            "[[connector]]\nname = \"edr\"\nplugin = \"countersign.range\"\ntoken = \"hunter2\"\n\
             credentials = { api = \"hunter2\" }\n",
        ),
        (
            "tenants/acme/playbooks.toml",
            "[[playbook]]\nplugin = \"a.b\"\nsettings = { api_key = \"hunter2\", webhook-secret = \"hunter2\" }\n",
        ),
    ]);
    let told = workspace.told();
    assert!(!told.contains("hunter2"), "{told}");
    insta::assert_snapshot!(told);
    let errors = workspace.load().unwrap_err();
    let machine = |it: &ConfigError| format!("{} {it} {it:?}", it.to_json());
    let machine: String = errors.iter().map(machine).collect();
    assert!(!machine.contains("hunter2"), "{machine}");
}

#[test]
fn a_syntax_error_does_not_hide_what_else_is_wrong() {
    let text = "name = \"Acme\nzone = \"Europe/Berln\"\ndefault_owner = \"a\"\n";
    let workspace = Workspace::with(&[("tenants/acme/tenant.toml", text)]);
    assert_eq!(workspace.codes(), ["CS-config-03", "CS-config-09"]);
    // Below a broken header nothing can be said: the keys are not in the table they seem to be in.
    let text = tenant("[surge\ndevices = 3\n");
    let workspace = Workspace::with(&[("tenants/acme/tenant.toml", &text)]);
    assert_eq!(workspace.codes(), ["CS-config-03"]);
}

#[test]
fn what_is_not_there_is_said_once() {
    let empty = tempfile::tempdir().unwrap();
    let errors = Config::load(empty.path(), &Surroundings::default()).unwrap_err();
    assert_eq!(errors.len(), 1);
    assert_eq!(errors[0].code, Code::Missing);
    fs::write(empty.path().join(HOST_FILE), "").unwrap();
    let errors = Config::load(empty.path(), &Surroundings::default()).unwrap_err();
    assert_eq!((errors.len(), errors[0].code), (1, Code::Missing));
    fs::create_dir(empty.path().join(TENANTS_DIR)).unwrap();
    let errors = Config::load(empty.path(), &Surroundings::default()).unwrap_err();
    assert_eq!((errors.len(), errors[0].code), (1, Code::Missing));
}

#[test]
fn bytes_that_are_no_text_and_files_that_are_too_large_are_refused() {
    let workspace = Workspace::with(&[]);
    let host = workspace.0.path().join(HOST_FILE);
    fs::write(&host, [b'a', 0xff]).unwrap();
    assert_eq!(workspace.codes(), ["CS-config-02"]);
    fs::write(&host, "#".repeat(1024 * 1024 + 1)).unwrap();
    assert_eq!(workspace.codes(), ["CS-config-02"]);
    fs::remove_file(&host).unwrap();
    fs::create_dir(&host).unwrap();
    assert_eq!(workspace.codes(), ["CS-config-02"]);
}

#[cfg(unix)]
#[test]
fn a_link_does_not_lead_to_the_secret_of_another_tenant() {
    let connector = "[[connector]]\nname = \"c\"\nplugin = \"a.c\"\ncredentials = { api = { file = \"secrets/api\" } }\n";
    let workspace = Workspace::with(&[
        ("tenants/acme/connectors.toml", connector),
        ("tenants/globex/tenant.toml", TENANT),
        ("tenants/globex/secrets/api", "theirs"),
        ("tenants/acme/secrets/own", "ours"),
    ]);
    let link = workspace.0.path().join("tenants/acme/secrets/api");
    std::os::unix::fs::symlink("../../globex/secrets/api", &link).unwrap();
    assert_eq!(workspace.codes(), ["CS-config-14"]);
    fs::remove_file(&link).unwrap();
    std::os::unix::fs::symlink("own", &link).unwrap();
    assert_eq!(workspace.codes(), Vec::<&str>::new());
}

#[test]
fn a_credential_of_the_service_manager_is_found_by_its_tenant() {
    let credentials = tempfile::tempdir().unwrap();
    let connector = "[[connector]]\nname = \"c\"\nplugin = \"a.c\"\ncredentials = { api = { credential = \"acme.api\" } }\n";
    let workspace = Workspace::with(&[("tenants/acme/connectors.toml", connector)]);
    assert_eq!(workspace.codes(), ["CS-config-14"]);
    let surroundings = Surroundings {
        credentials: Some(credentials.path().to_owned()),
        secrets: Presence::Required,
    };
    assert!(Config::load(workspace.0.path(), &surroundings).is_err());
    fs::write(credentials.path().join("acme.api"), "hunter2").unwrap();
    let config = Config::load(workspace.0.path(), &surroundings).unwrap();
    let secret = &config.tenants[&TenantId::new("acme")].connectors[0].credentials["api"].value;
    assert_eq!(secret.read().unwrap().expose(), "hunter2");
    assert!(!format!("{:?} {secret:?}", secret.read()).contains("hunter2"));
}

#[test]
fn without_secrets_the_rest_is_still_checked() {
    let connector = "[[connector]]\nname = \"c\"\nplugin = \"a.c\"\ncredentials = { a = { file = \"secrets/a\" }, b = { credential = \"acme.b\" } }\n";
    let workspace = Workspace::with(&[("tenants/acme/connectors.toml", connector)]);
    let surroundings = Surroundings {
        credentials: None,
        secrets: Presence::Elsewhere,
    };
    assert!(Config::load(workspace.0.path(), &surroundings).is_ok());
    let inline = connector.replace("{ file = \"secrets/a\" }", "\"hunter2\"");
    let workspace = Workspace::with(&[("tenants/acme/connectors.toml", &inline)]);
    assert!(Config::load(workspace.0.path(), &surroundings).is_err());
}

#[test]
fn every_limit_of_the_table_can_be_set_and_arrives() {
    for kind in LimitKind::ALL {
        let mut text = format!("[limits.{}]\n", kind.as_str());
        for row in Limits::rows(*kind) {
            text.push_str(&format!("{} = {}\n", row.name, row.floor));
        }
        let config = Workspace::with(&[(HOST_FILE, &text)]).load();
        let limits = config
            .map_err(|it| render_all(&it, false))
            .unwrap()
            .host
            .limits;
        for row in Limits::rows(*kind) {
            let set = match kind {
                LimitKind::Playbook => limits.playbook.get(row.name),
                LimitKind::Source => limits.source.get(row.name),
                LimitKind::Connector => limits.connector.get(row.name),
                LimitKind::Engine => limits.engine.get(row.name),
            };
            assert_eq!(
                set,
                Some(row.floor),
                "limits.{}.{}",
                kind.as_str(),
                row.name
            );
        }
    }
}

#[test]
fn a_limit_above_its_ceiling_points_at_its_line() {
    let text = "[limits.playbook]\nwall_ms = 100\nmemory_mib = 4096\n";
    let errors = Workspace::with(&[(HOST_FILE, text)]).load().unwrap_err();
    assert_eq!(errors.len(), 1);
    assert_eq!(errors[0].code, Code::BadLimit);
    assert_eq!(errors[0].place.line_column(), Some((3, 14)));
}
