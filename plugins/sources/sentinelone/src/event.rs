//! The event that a custom rule matched: processes, files, connections, log-ins, indicators.
//!
//! The same event comes in two spellings: as objects in an alert of the rules API
//! (`sourceProcessInfo.fileHashSha1`), and as one flat, lower-case map in the activity that
//! announces the alert (`sourceprocesssha1`). This file reads both, so that a rule's alert gives
//! the same entities whichever way it came.
use crate::node::{Node, Read};
use crate::words::{self, Hashes, OWN, entity, put};
use countersign_sdk::source::*;

/// Which names the fields of a process have.
pub struct ProcessNames {
    /// Comes before each name.
    pub prefix: &'static str,
    /// Command line, path, signer, unique id, start time, user.
    pub rest: [&'static str; 6],
    /// SHA-256, SHA-1, MD5.
    pub hashes: [&'static str; 3],
}

/// `sourceProcessInfo` and `sourceParentProcessInfo` of the rules API.
pub const IN_ALERT: ProcessNames = ProcessNames {
    prefix: "",
    rest: [
        "commandline",
        "filePath",
        "fileSignerIdentity",
        "uniqueId",
        "pidStarttime",
        "user",
    ],
    hashes: ["fileHashSha256", "fileHashSha1", "fileHashMd5"],
};
/// The source process in an activity (`singer` is how the vendor spells it).
pub const SOURCE: ProcessNames = ProcessNames {
    prefix: "sourceprocess",
    rest: [
        "commandline",
        "filepath",
        "filesingeridentity",
        "key",
        "starttime",
        "username",
    ],
    hashes: ["sha256", "sha1", "md5"],
};
/// The parent of the source process in an activity.
pub const PARENT: ProcessNames = ProcessNames {
    prefix: "sourceparentprocess",
    rest: [
        "commandline",
        "path",
        "signeridentity",
        "key",
        "starttime",
        "username",
    ],
    hashes: ["sha256", "sha1", "md5"],
};

/// A process as a rule saw it.
pub struct Seen {
    name: Option<String>,
    pid: Option<u32>,
    started: Option<u64>,
    cmd_line: Option<String>,
    path: Option<String>,
    signer: Option<String>,
    uid: Option<String>,
    user: Option<String>,
    hashes: Hashes,
}

impl Seen {
    /// Reads a process under these names.
    pub fn read(node: &Node<'_>, names: &ProcessNames) -> Read<Self> {
        let get = |name: &str| node.get(&format!("{}{name}", names.prefix));
        let [cmd_line, path, signer, uid, started, user] = names.rest.map(get);
        Ok(Self {
            name: get("name").text(),
            pid: get("pid").integer().and_then(|pid| u32::try_from(pid).ok()),
            started: started.time(),
            cmd_line: cmd_line.text(),
            path: path.exact()?,
            signer: signer.text(),
            uid: uid.exact()?,
            user: user.text(),
            hashes: Hashes::of(names.hashes.map(get)),
        })
    }
    fn is_empty(&self) -> bool {
        self.name.is_none() && self.pid.is_none() && self.uid.is_none() && self.path.is_none()
    }
    /// The process that did it, its image, and the account it ran as. The image is only
    /// `related`: a rule matches what a process does, and the program is often the system's own.
    pub fn entities(self, device: &Device, parent: Option<Self>) -> Vec<Entity> {
        if self.is_empty() {
            return Vec::new();
        }
        let process = Process {
            device: device.clone(),
            id: self.uid.clone(),
            pid: self.pid,
            started: self.started,
            name: self.name.clone().unwrap_or_default(),
            sha256: self.hashes.sha256.clone(),
            reference: None,
        };
        let mut actor = self.hashes.on(entity("actor", Target::Process(process)));
        actor = put(actor, "cmd_line", self.cmd_line.clone());
        actor = put(actor, "file.path", self.path.clone());
        actor = put(actor, "signature.certificate.subject", self.signer.clone());
        actor = put(actor, "user.name", self.user.clone());
        if let Some(parent) = parent {
            actor = parent.describe_parent(actor);
        }
        let image = self.path.clone().map(|path| {
            let file = File {
                device: device.clone(),
                path,
                sha256: self.hashes.sha256.clone(),
                reference: None,
            };
            let it = self.hashes.on(entity("related", Target::File(file)));
            put(it, "name", self.name.clone())
        });
        let account = words::account(self.user.clone(), device);
        let account = account.map(|it| entity("actor", Target::Account(it)));
        [Some(actor), image, account]
            .into_iter()
            .flatten()
            .collect()
    }
    fn describe_parent(self, mut on: Entity) -> Entity {
        let Hashes { sha256, sha1, md5 } = self.hashes;
        let (pid, started) = (
            self.pid.map(|n| n.to_string()),
            self.started.map(|n| n.to_string()),
        );
        for (name, value) in [
            ("name", self.name),
            ("pid", pid),
            ("created_time", started),
            ("uid", self.uid),
            ("cmd_line", self.cmd_line),
            ("file.path", self.path),
            ("file.hashes.sha256", sha256),
            ("file.hashes.sha1", sha1),
            ("file.hashes.md5", md5),
            ("file.signature.certificate.subject", self.signer),
            ("user.name", self.user),
        ] {
            on = put(on, &format!("parent_process.{name}"), value);
        }
        on
    }
}

/// What the event was done to: target process, file, module, both ends of a connection, a name
/// that was resolved, an account that logged in, an indicator that matched. `event` holds the
/// event's own fields, `target` those of the target process (the same map in an activity).
pub fn objects(event: &Node<'_>, target: &Node<'_>, device: &Device) -> Read<Vec<Entity>> {
    let mut found = Vec::new();
    found.extend(target_process(target, device)?);
    found.extend(file(
        target.get("tgtFilePath"),
        vec![
            target.get("tgtFileHashSha256"),
            target.get("tgtFileHashSha1"),
        ],
        device,
    )?);
    found.extend(file(
        event.get("modulePath"),
        vec![event.get("moduleSha1")],
        device,
    )?);
    found.extend(connection(event));
    let name = event
        .get("dnsRequest")
        .text()
        .and_then(|text| words::domain(&text));
    found.extend(name.map(|name| entity("observed", Target::Domain(name))));
    found.extend(login(event)?);
    found.extend(indicator(event));
    Ok(found)
}

fn target_process(node: &Node<'_>, device: &Device) -> Read<Option<Entity>> {
    let (uid, path) = (
        node.get("tgtProcUid").exact()?,
        node.get("tgtProcImagePath").exact()?,
    );
    let pid = node
        .get("tgtProcPid")
        .integer()
        .and_then(|pid| u32::try_from(pid).ok());
    let name = node.get("tgtProcName").text();
    if uid.is_none() && path.is_none() && pid.is_none() && name.is_none() {
        return Ok(None);
    }
    let process = Process {
        device: device.clone(),
        id: uid,
        pid,
        started: node.get("tgtProcessStartTime").time(),
        name: name.unwrap_or_default(),
        sha256: None,
        reference: None,
    };
    let it = entity("observed", Target::Process(process));
    let it = put(it, "cmd_line", node.get("tgtProcCmdLine").text());
    Ok(Some(put(it, "file.path", path)))
}

fn file(path: Node<'_>, hashes: Vec<Node<'_>>, device: &Device) -> Read<Option<Entity>> {
    let hashes = Hashes::of(hashes);
    let Some(path) = path.exact()? else {
        return Ok(None);
    };
    let file = File {
        device: device.clone(),
        path,
        sha256: hashes.sha256.clone(),
        reference: None,
    };
    Ok(Some(hashes.on(entity("observed", Target::File(file)))))
}

/// Both ends of a connection. The device's own end is `related`: it is known from the direction,
/// and nobody wants to block it.
fn connection(event: &Node<'_>) -> Vec<Entity> {
    let direction = event.get("netEventDirection").word().unwrap_or_default();
    let own = |end: Option<Entity>, is_own: bool| {
        end.map(|it| Entity {
            role: if is_own { "related".into() } else { it.role },
            ..it
        })
    };
    let src = words::endpoint("src_endpoint", &event.get("srcIp"), &event.get("srcPort"));
    let dst = words::endpoint("dst_endpoint", &event.get("dstIp"), &event.get("dstPort"));
    let ends = [
        own(src, direction == "outgoing"),
        own(dst, direction == "incoming"),
    ];
    ends.into_iter().flatten().collect()
}

fn login(event: &Node<'_>) -> Read<Option<Entity>> {
    let id = event.get("loginAccountSid").exact()?;
    let name = event.get("loginsUserName").exact()?;
    if id.is_none() && name.is_none() {
        return Ok(None);
    }
    let account = Account {
        id: id.unwrap_or_default(),
        name: name.unwrap_or_default(),
        domain: event.get("loginAccountDomain").text().unwrap_or_default(),
    };
    let it = entity("observed", Target::Account(account));
    Ok(Some(put(
        it,
        &format!("{OWN}login_type"),
        event.get("loginType").text(),
    )))
}

/// An indicator selects only if its type says what it is and it is written like one.
fn indicator(event: &Node<'_>) -> Option<Entity> {
    let value = event.get("tiIndicatorValue").text()?;
    let kind = event.get("tiIndicatorType").word()?;
    let target = match kind.as_str() {
        "ipv4" | "ipv6" => Target::Address(words::address(&value)?),
        "dns" | "domain" => Target::Domain(words::domain(&value)?),
        "url" => Target::Url(words::url(&value)?),
        _ => return None,
    };
    Some(entity("observed", target))
}
