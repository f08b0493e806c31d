//! The shipped list as data: what, how strongly, and why.
//!
//! `never` is for what a machine or a company does not survive losing for a minute: system
//! processes, the agents that see attacks, what the whole internet shares. `critical` (two
//! people, the owner among them) is for what attackers do take over, so that people must be able
//! to act on it: backup and virtualisation. A place is without its volume, as in a `FilePath`'s
//! tail; a folder ends in its separator.

use crate::model::Protection::{self, Critical, Never};

/// What a row is about.
#[derive(Clone, Copy, Debug)]
pub enum Subject {
    /// Programs by place: their process, their file, and the software itself.
    Programs(&'static [&'static str]),
    /// Files below folders; processes that run from there are not meant.
    FilesBelow(&'static [&'static str]),
    /// Software by its valid signer.
    Signers(&'static [&'static str]),
    /// Services and daemons by name.
    Services(&'static [&'static str]),
    /// Words of the names of machines that nobody has reviewed yet.
    HostWords(&'static [&'static str]),
    /// Accounts by SID or bare name.
    Accounts(&'static [&'static str]),
    /// Accounts by how their bare name starts.
    AccountsStarting(&'static [&'static str]),
    /// Addresses and prefixes.
    Addresses(&'static [&'static str]),
    /// Domains with everything below.
    Domains(&'static [&'static str]),
    /// Domains where everybody may have a name below: only the name itself, and what is above.
    DomainsAlone(&'static [&'static str]),
}

/// One row of the list.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    /// Stable id, shown as the reason.
    pub id: &'static str,
    /// What.
    pub subject: Subject,
    /// How strongly.
    pub protection: Protection,
    /// Why, for the person who meets it.
    pub why: &'static str,
}

const fn row(id: &'static str, subject: Subject, protection: Protection, why: &'static str) -> Row {
    Row {
        id,
        subject,
        protection,
        why,
    }
}

/// Groups that every tenant has: put assets into them.
pub(super) const GROUPS: &[(&str, &str, Protection)] = &[
    (
        "countersign:domain-controllers",
        "Domain controllers",
        Never,
    ),
    (
        "countersign:identity",
        "Identity providers and certificate authorities",
        Never,
    ),
    (
        "countersign:hypervisors",
        "Hypervisors and their management",
        Critical,
    ),
    ("countersign:backup", "Backup servers and storage", Critical),
];

/// Ranges that only ever mean machines of one's own; `internal`, not protected.
pub(super) const PRIVATE: &[&str] = &[
    "10.0.0.0/8",
    "172.16.0.0/12",
    "192.168.0.0/16",
    "100.64.0.0/10",
    "fc00::/7",
    "fec0::/10",
];

/// The list. Laid out by hand: one row a line would be six hundred.
#[rustfmt::skip]
pub const ROWS: &[Row] = &[
    row("countersign:windows-core", Subject::Programs(&[
        r"\windows\system32\smss.exe", r"\windows\system32\csrss.exe",
        r"\windows\system32\wininit.exe", r"\windows\system32\services.exe",
        r"\windows\system32\lsass.exe", r"\windows\system32\lsaiso.exe",
        r"\windows\system32\winlogon.exe", r"\windows\system32\svchost.exe",
        r"\windows\system32\dwm.exe", r"\windows\system32\ntoskrnl.exe",
        r"\windows\system32\fontdrvhost.exe", r"\windows\system32\logonui.exe",
        r"\windows\system32\userinit.exe", r"\windows\explorer.exe", r"\windows\system32\dns.exe",
        r"\windows\system32\dfsrs.exe", r"\windows\ntds\", r"\windows\sysvol\",
    ]), Never,
        "Windows or its directory stops with it: a blue screen, a machine or a domain that nobody can log on to."),
    row("countersign:unix-core", Subject::Programs(&[
        "/sbin/init", "/usr/sbin/init", "/lib/systemd/", "/usr/lib/systemd/", "/sbin/launchd",
        "/usr/libexec/xpcproxy", "/usr/sbin/sshd", "/usr/bin/dbus-daemon", "/usr/bin/dbus-broker",
        "/system/library/", "/usr/libexec/opendirectoryd", "/usr/sbin/rpcbind",
    ]), Never,
        "The operating system stops with it, or nobody can reach the machine any more."),
    row("countersign:system-files", Subject::FilesBelow(&[
        r"\windows\system32\", r"\windows\syswow64\", r"\windows\winsxs\", r"\windows\boot\",
        "/bin/", "/sbin/", "/usr/bin/", "/usr/sbin/", "/lib/", "/lib64/", "/usr/lib/",
        "/usr/lib64/", "/usr/libexec/", "/boot/",
    ]), Critical,
        "Files of the operating system: taking one away breaks the machine for everybody on it."),
    row("countersign:agents-by-place", Subject::Programs(&[
        r"\program files\sentinelone\", r"\programdata\sentinel\", "/opt/sentinelone/",
        "/library/sentinel/", r"\program files\crowdstrike\",
        r"\windows\system32\drivers\crowdstrike\", "/opt/crowdstrike/", "/applications/falcon.app/",
        r"\program files\windows defender\",
        r"\program files\windows defender advanced threat protection\",
        r"\programdata\microsoft\windows defender\", "/opt/microsoft/mdatp/",
        "/applications/microsoft defender.app/", r"\program files\elastic\", "/opt/elastic/",
        r"\program files\sophos\", r"\program files\cybereason activeprobe\",
        r"\program files\eset\", r"\program files (x86)\ossec-agent\", "/var/ossec/",
        r"\program files\palo alto networks\traps\", "/opt/traps/", r"\program files\carbonblack\",
        r"\program files\confer\", r"\program files (x86)\tanium\", r"\program files\harfanglab\",
        r"\program files\velociraptor\", r"\windows\sysmon64.exe", r"\windows\sysmon.exe",
        "/opt/sysmon/", "/usr/bin/falco", "/sbin/auditd", "/usr/sbin/auditd",
    ]), Never,
        "A security agent: without it nobody sees what happens next."),
    row("countersign:agents-by-signer", Subject::Signers(&[
        "SentinelOne, Inc.", "Sentinel Labs, Inc.", "CrowdStrike, Inc.", "Sophos Ltd",
        "Sophos Limited", "Cybereason Inc.", "ESET, spol. s r.o.", "Elasticsearch, Inc.",
        "Carbon Black, Inc.", "Tanium Inc.", "HarfangLab SAS", "Bitdefender SRL",
        "Trend Micro, Inc.", "WithSecure Oyj", "Malwarebytes Inc.", "Kaspersky Lab JSC",
        "AO Kaspersky Lab", "Wazuh, Inc", "Rapid7 LLC",
    ]), Never,
        "A security agent, by its signer: without it nobody sees what happens next."),
    row("countersign:services", Subject::Services(&[
        "ntds", "kdc", "netlogon", "dns", "dfsr", "adws", "certsvc", "samss", "rpcss",
        "rpceptmapper", "dcomlaunch", "lsm", "eventlog", "plugplay", "lanmanserver",
        "lanmanworkstation", "gpsvc", "bfe", "mpssvc", "cryptsvc", "windefend", "wdnissvc", "sense",
        "mdatp", "sentinelagent", "sentinelhelperservice", "sentinelstaticengine",
        "csfalconservice", "csagent", "falcon-sensor", "sentinelone", "elastic endpoint",
        "elasticendpoint", "wazuhsvc", "wazuh-agent", "sysmon", "sysmon64", "auditd", "adsync",
        "aadconnectprovisioningagent", "dbus", "systemd-journald", "systemd-logind",
        "systemd-udevd", "sshd", "ssh", "named", "bind9", "slapd", "krb5-kdc", "sssd",
        "countersign",
    ]), Never,
        "A service that logon, name resolution or detection depends on."),
    row("countersign:hypervisor-services", Subject::Services(&[
        "vmms", "vmcompute", "hvhost", "libvirtd", "virtqemud", "hostd", "vpxa", "vmware-vpxd",
        "pveproxy", "pvedaemon",
    ]), Critical,
        "Every machine on this hypervisor stops being managed with it."),
    row("countersign:hypervisors", Subject::Programs(&[
        r"\windows\system32\vmms.exe", r"\windows\system32\vmwp.exe",
        r"\windows\system32\vmcompute.exe", "/bin/hostd", "/usr/sbin/libvirtd",
        "/usr/sbin/virtqemud", "/usr/bin/qemu-system-x86_64", "/usr/libexec/qemu-kvm",
        "/usr/bin/kvm", "/usr/lib/vmware/", "/usr/bin/containerd", "/usr/bin/dockerd",
        "/usr/bin/kubelet",
    ]), Critical,
        "Virtual machines or containers of others run in it."),
    row("countersign:backup", Subject::Programs(&[
        r"\program files\veeam\", r"\program files\common files\veeam\", "/opt/veeam/",
        r"\program files\commvault\", "/opt/commvault/", r"\program files\veritas\", "/usr/openv/",
        r"\program files\acronis\", r"\program files\rubrik\", r"\program files\cohesity\",
        r"\program files\druva\",
    ]), Critical,
        "Backup software: the way back when everything else has failed."),
    row("countersign:backup-by-signer", Subject::Signers(&[
        "Veeam Software Group GmbH", "Veeam Software AG", "Commvault Systems, Inc.",
        "Veritas Technologies LLC", "Acronis International GmbH", "Rubrik, Inc.", "Cohesity, Inc.",
    ]), Critical,
        "Backup software: the way back when everything else has failed."),
    row("countersign:domain-controllers", Subject::HostWords(&[
        "dc", "adc", "addc", "pdc", "bdc", "rodc", "adds",
    ]), Never,
        "It is called like a domain controller, and nobody has reviewed it."),
    row("countersign:identity", Subject::HostWords(&[
        "adfs", "adcs", "pki", "adsync", "aadconnect", "idp", "keycloak",
    ]), Never,
        "It is called like an identity server, and nobody has reviewed it."),
    row("countersign:hypervisor-hosts", Subject::HostWords(&[
        "esx", "esxi", "vcenter", "vcsa", "hyperv", "hv", "pve", "proxmox",
    ]), Critical,
        "It is called like a hypervisor, and nobody has reviewed it."),
    row("countersign:backup-hosts", Subject::HostWords(&[
        "veeam", "backup", "bkp", "bak", "commvault", "rubrik", "nas",
    ]), Critical,
        "It is called like a backup server, and nobody has reviewed it."),
    row("countersign:accounts", Subject::Accounts(&[
        "krbtgt", "s-1-5-18", "s-1-5-19", "s-1-5-20", "azureadssoacc$",
    ]), Never,
        "An account that a directory or a machine cannot work without."),
    row("countersign:sync-accounts", Subject::AccountsStarting(&[
        "msol_", "aad_", "sync_", "krbtgt_", "adtoaadsync",
    ]), Critical,
        "An account that keeps directories in step."),
    row("countersign:no-one-machine", Subject::Addresses(&[
        "0.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "224.0.0.0/4", "240.0.0.0/4", "::/128",
        "::1/128", "fe80::/10", "ff00::/8", "168.63.129.16", "fd00:ec2::254",
    ]), Never,
        "Loopback, link-local (cloud metadata among it), multicast, broadcast: blocking it cuts machines off from themselves."),
    row("countersign:resolvers", Subject::Addresses(&[
        "1.1.1.1", "1.0.0.1", "8.8.8.8", "8.8.4.4", "9.9.9.9", "149.112.112.112", "208.67.222.222",
        "208.67.220.220", "94.140.14.14", "94.140.15.15", "2606:4700:4700::1111",
        "2606:4700:4700::1001", "2001:4860:4860::8888", "2001:4860:4860::8844", "2620:fe::fe",
        "2620:fe::9", "2620:119:35::35", "2620:119:53::53",
    ]), Never,
        "A public name server: without it nothing else is found."),
    row("countersign:root-servers", Subject::Addresses(&[
        "198.41.0.4", "170.247.170.2", "192.33.4.12", "199.7.91.13", "192.203.230.10",
        "192.5.5.241", "192.112.36.4", "198.97.190.53", "192.36.148.17", "192.58.128.30",
        "193.0.14.129", "199.7.83.42", "202.12.27.33",
    ]), Never,
        "A root name server of the internet."),
    row("countersign:clouds", Subject::Domains(&[
        "microsoft.com", "windowsupdate.com", "windows.com", "office.com", "office365.com",
        "outlook.com", "live.com", "microsoftonline.com", "microsoftonline-p.com", "msauth.net",
        "msftauth.net", "msftconnecttest.com", "msftncsi.com", "office.net", "google.com",
        "gstatic.com", "gvt1.com", "apple.com", "icloud.com", "mzstatic.com",
        "aws.amazon.com", "amazontrust.com", "okta.com", "oktacdn.com", "auth0.com",
        "duosecurity.com",
    ]), Never,
        "Sign-in, updates or work of nearly everybody go through it."),
    row("countersign:shared-roots", Subject::DomainsAlone(&[
        "amazonaws.com", "cloudfront.net", "azure.com", "azure.net", "windows.net",
        "azurewebsites.net", "azureedge.net", "sharepoint.com", "googleusercontent.com", "storage.googleapis.com",
        "github.com", "githubusercontent.com", "gitlab.com", "cloudflare.com", "cloudflare.net",
        "akamai.net", "akamaiedge.net", "akamaized.net", "edgekey.net", "edgesuite.net",
        "fastly.net", "dropbox.com", "salesforce.com", "slack.com", "zoom.us", "atlassian.net",
    ]), Never,
        "Thousands of organisations have a name below it: block the one that is meant."),
    row("countersign:trust", Subject::Domains(&[
        "digicert.com", "letsencrypt.org", "lencr.org", "globalsign.com", "sectigo.com",
        "entrust.net", "usertrust.com", "pki.goog", "root-servers.net", "gtld-servers.net",
        "iana.org", "pool.ntp.org", "verisign.com",
    ]), Never,
        "Certificates, names or time are checked there."),
    row("countersign:vendors", Subject::Domains(&[
        "sentinelone.net", "sentinelone.com", "crowdstrike.com", "cloudsink.net", "elastic.co",
        "sophos.com", "paloaltonetworks.com", "redhat.com", "ubuntu.com", "debian.org", "veeam.com",
        "vmware.com",
    ]), Never,
        "Agents and systems report and update there: blocked, they are blind."),
];
