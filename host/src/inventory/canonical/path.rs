//! Paths of other systems: one spelling for one file, and its place without the volume.
//!
//! Windows has a dozen spellings for one file, some of which switch its own rules off
//! (`\\?\C:\a.` is not `C:\a`). What can be unwrapped without guessing is; the rest is refused.
//! One agent writes `C:\` where another writes `\Device\HarddiskVolume3\`, so rules and lineages
//! go by the `tail`, which has no volume.

use super::Malformed;

/// Whose rules a path follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PathFamily {
    /// Windows: case does not matter.
    Windows,
    /// Everything with `/`.
    Posix,
}

/// One absolute path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FilePath {
    /// The canonical text, volume included; lower case on Windows.
    pub text: String,
    /// Lower case, without the volume: `\windows\explorer.exe`, `/usr/bin/ssh`.
    pub tail: String,
    /// The last part of the tail.
    pub name: String,
    /// Whose rules it follows.
    pub family: PathFamily,
}

const CODE: &str = "CS-target-05";
// LIMIT: 4,096 bytes; POSIX allows no more, and Windows agents report no longer ones.
const BYTES_MAX: usize = 4096;

/// The canonical form of an absolute path.
///
/// # Errors
/// `CS-target-05` for relative paths, wildcards, streams, device names, what climbs out.
pub fn path(text: &str) -> Result<FilePath, Malformed> {
    let bad = |why: &str| Malformed::new(CODE, "path", text, why);
    if text.len() > BYTES_MAX || text.chars().any(char::is_control) {
        return Err(bad("it is too long or has control characters"));
    }
    if text.contains(['*', '?']) && !text.starts_with(r"\\?\") && !text.starts_with(r"\??\") {
        return Err(bad("it has wildcards; name one file"));
    }
    if text.starts_with('/') && !text.starts_with("//") {
        return posix(text).map_err(bad);
    }
    windows(text).map_err(bad)
}

fn posix(text: &str) -> Result<FilePath, &'static str> {
    let parts = walk(text.split('/'), |part| Ok(part.to_owned()))?;
    let name = parts.last().ok_or("it names no file")?.to_lowercase();
    let text = format!("/{}", parts.join("/"));
    let tail = text.to_lowercase();
    Ok(FilePath {
        text,
        tail,
        name,
        family: PathFamily::Posix,
    })
}

fn windows(text: &str) -> Result<FilePath, &'static str> {
    let lower = text.replace('/', "\\").to_lowercase();
    let (volume, rest) = volume(&lower)?;
    let parts = walk(rest.split('\\'), component)?;
    let name = parts.last().ok_or("it names no file")?.clone();
    if is_device_name(&name) {
        return Err("it names a device of Windows");
    }
    let tail = format!("\\{}", parts.join("\\"));
    let text = format!("{volume}{tail}");
    Ok(FilePath {
        text,
        tail,
        name,
        family: PathFamily::Windows,
    })
}

/// Splits off what stands before the path within a volume. `lower` has only backslashes.
fn volume(lower: &str) -> Result<(String, &str), &'static str> {
    if let Some(rest) = lower
        .strip_prefix(r"\\?\")
        .or_else(|| lower.strip_prefix(r"\??\"))
    {
        return verbatim(rest);
    }
    if lower.starts_with(r"\\.\") {
        return Err("it is a device path");
    }
    if let Some(rest) = lower.strip_prefix(r"\systemroot\") {
        // The rest lies in the Windows folder of whichever volume it is.
        return relative_to_windows(rest);
    }
    let single = lower.trim_start_matches('\\');
    if let Some(rest) = single
        .strip_prefix(r"device\")
        .filter(|_| lower.starts_with('\\'))
    {
        return device(rest.trim_start_matches('\\'));
    }
    if let Some(rest) = lower.strip_prefix(r"\\") {
        return share(rest);
    }
    drive(lower)
}

fn relative_to_windows(rest: &str) -> Result<(String, &str), &'static str> {
    if rest.split('\\').any(|part| part == "..") {
        return Err("it climbs out of the Windows folder");
    }
    Ok((r"\systemroot".to_owned(), rest))
}

/// After `\\?\` Windows takes the text as it is; only what means the same without is unwrapped.
fn verbatim(rest: &str) -> Result<(String, &str), &'static str> {
    let plain = |part: &str| !part.is_empty() && !part.ends_with(['.', ' ']);
    let (volume, within) = if let Some(unc) = rest.strip_prefix(r"unc\") {
        share(unc)?
    } else if let Some(object) = rest.strip_prefix(r"globalroot\device\") {
        device(object)?
    } else {
        drive(rest)?
    };
    if !within.split('\\').all(plain) {
        return Err("after \\\\?\\ its parts mean something else than without");
    }
    Ok((volume, within))
}

fn drive(lower: &str) -> Result<(String, &str), &'static str> {
    let (letter, rest) = lower.split_once(':').ok_or("it is not absolute")?;
    let one = letter.len() == 1 && letter.bytes().all(|b| b.is_ascii_lowercase());
    let rest = rest.strip_prefix('\\').ok_or("it is not absolute")?;
    one.then(|| (format!("{letter}:"), rest))
        .ok_or("it is not absolute")
}

fn device(rest: &str) -> Result<(String, &str), &'static str> {
    let (name, within) = rest.split_once('\\').ok_or("it names no file")?;
    if name == "mup" || name == "lanmanredirector" {
        return share(within);
    }
    let number = name.strip_prefix("harddiskvolume").unwrap_or_default();
    let known = !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit());
    known
        .then(|| (format!(r"\device\{name}"), within))
        .ok_or("it is a device path")
}

fn share(rest: &str) -> Result<(String, &str), &'static str> {
    let mut parts = rest.splitn(3, '\\');
    match (parts.next(), parts.next(), parts.next()) {
        (Some(server), Some(share), Some(within))
            if !server.is_empty() && !share.is_empty() && server != "." && server != "?" =>
        {
            Ok((format!(r"\\{server}\{share}"), within))
        }
        _ => Err("it names no file on a share"),
    }
}

/// One part as Windows stores it: final dots and spaces are cut.
fn component(part: &str) -> Result<String, &'static str> {
    let cut = part.trim_end_matches(['.', ' ']);
    if cut.is_empty() {
        return Err("a part of it has only dots and spaces");
    }
    if cut.contains(':') {
        return Err("it names a stream within a file");
    }
    if cut.contains(['<', '>', '"', '|', '*', '?']) {
        return Err("it has characters that no file name has");
    }
    Ok(cut.to_owned())
}

/// Resolves `.` and `..` by their text, which may not leave the volume.
fn walk<'a>(
    parts: impl Iterator<Item = &'a str>,
    read: impl Fn(&str) -> Result<String, &'static str>,
) -> Result<Vec<String>, &'static str> {
    let mut kept = Vec::new();
    for part in parts {
        match part {
            "" | "." => {}
            ".." => {
                kept.pop().ok_or("it climbs out of its volume")?;
            }
            part => kept.push(read(part)?),
        }
    }
    Ok(kept)
}

fn is_device_name(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or(name).trim_end();
    let numbered = |it: &str| {
        stem.strip_prefix(it)
            .is_some_and(|n| n.len() == 1 && n.bytes().all(|b| b.is_ascii_digit()))
    };
    ["con", "prn", "aux", "nul", "conin$", "conout$"].contains(&stem)
        || numbered("com")
        || numbered("lpt")
}

/// Whether a part as written may stand for a part of a rule: equal, or its short (8.3) form.
/// A short name that only may be meant is protected all the same.
pub(in crate::inventory) fn part_matches(rule: &str, part: &str) -> bool {
    if rule == part {
        return true;
    }
    let Some((stem, rest)) = part.split_once('~') else {
        return false;
    };
    let numbered = rest.starts_with(|c: char| c.is_ascii_digit());
    let long: String = rule.chars().filter(|c| !" .".contains(*c)).collect();
    // Windows hashes the name after four collisions, and keeps two letters of it.
    let letters: String = long.chars().take(2).collect();
    numbered && !stem.is_empty() && (long.starts_with(stem) || stem.starts_with(&letters))
}

/// Whether a tail is the rule, or lies below a rule that ends in a separator.
pub(in crate::inventory) fn tail_matches(rule: &str, tail: &str) -> bool {
    let separator = if rule.starts_with('/') { '/' } else { '\\' };
    let (rule, below) = match rule.strip_suffix(separator) {
        Some(folder) => (folder, true),
        None => (rule, false),
    };
    let (rules, parts): (Vec<&str>, Vec<&str>) = (
        rule.split(separator).collect(),
        tail.split(separator).collect(),
    );
    let fits = if below {
        parts.len() > rules.len()
    } else {
        parts.len() == rules.len()
    };
    fits && rules
        .iter()
        .zip(&parts)
        .all(|(rule, part)| part_matches(rule, part))
}

#[cfg(test)]
#[allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn spellings_of_one_file_are_one_path() {
        for text in [
            r"C:\Windows\System32\lsass.exe",
            r"c:/windows/system32/LSASS.EXE",
            r"C:\Windows\.\System32\drivers\..\lsass.exe",
            r"\\?\C:\Windows\System32\lsass.exe",
            r"\??\C:\Windows\System32\lsass.exe",
            r"C:\Windows\System32\lsass.exe. ",
            r"C:\Windows\\System32\lsass.exe",
        ] {
            assert_eq!(
                path(text).unwrap().text,
                r"c:\windows\system32\lsass.exe",
                "{text}"
            );
        }
    }

    #[test]
    fn the_tail_is_the_same_on_every_volume() {
        for text in [
            r"D:\Apps\Autom8\autom8.exe",
            r"\Device\HarddiskVolume3\Apps\Autom8\autom8.exe",
            r"\\Device\\HarddiskVolume3\\Apps\\Autom8\\autom8.exe",
            r"\\?\GLOBALROOT\Device\HarddiskVolume3\Apps\Autom8\autom8.exe",
            r"\\server\share\Apps\Autom8\autom8.exe",
            r"\\?\UNC\server\share\Apps\Autom8\autom8.exe",
            r"\Device\Mup\server\share\Apps\Autom8\autom8.exe",
        ] {
            assert_eq!(
                path(text).unwrap().tail,
                r"\apps\autom8\autom8.exe",
                "{text}"
            );
        }
        assert_eq!(path("/Opt/App/run").unwrap().text, "/Opt/App/run");
        assert_eq!(path("/Opt/App/run").unwrap().tail, "/opt/app/run");
    }

    #[test]
    fn what_is_no_one_file_is_refused() {
        for text in [
            "autom8.exe",
            r"C:autom8.exe",
            r"C:\",
            r"Apps\autom8.exe",
            r"C:\a.txt:stream",
            r"C:\a.txt::$DATA",
            r"C:\..\..\a.exe",
            r"\\?\C:\a\..\b.exe",
            r"\\?\C:\a.",
            r"\\.\PhysicalDrive0",
            r"\\?\GLOBALROOT\Device\HarddiskVolumeShadowCopy1\a.exe",
            r"\Device\NamedPipe\x",
            r"C:\Windows\*.exe",
            r"C:\Windows\lsas?.exe",
            r"C:\temp\NUL",
            r"C:\temp\com1.txt",
            r"C:\temp\...\a.exe",
            r"%TEMP%\a.exe",
            r"\\server\share",
            "/",
            "/../etc/passwd",
            "/tmp/*",
            "tmp/eicar.com",
            "C:\\a\nb.exe",
            "",
        ] {
            assert_eq!(path(text).map_err(|it| it.code), Err(CODE), "{text}");
        }
    }

    #[test]
    fn short_names_fall_under_the_rules_of_long_ones() {
        assert!(tail_matches(
            r"\program files\sentinelone\",
            r"\progra~1\sentin~1\agent.exe"
        ));
        assert!(tail_matches(
            r"\windows\system32\lsass.exe",
            r"\windows\system32\lsass.exe"
        ));
        assert!(!tail_matches(
            r"\windows\system32\lsass.exe",
            r"\temp\lsass.exe"
        ));
        assert!(!tail_matches(
            r"\program files\sentinelone\",
            r"\program files\sentinelone"
        ));
        assert!(!tail_matches(
            r"\program files\sentinelone\",
            r"\program files\other\a.exe"
        ));
    }

    proptest! {
        #[test]
        fn canonical_twice_is_canonical_once(text in "(C:\\\\|/|\\\\Device\\\\HarddiskVolume1\\\\|\\\\\\\\s\\\\t\\\\)[A-Za-z. /\\\\~1]{0,30}") {
            if let Ok(once) = path(&text) {
                prop_assert_eq!(path(&once.text).unwrap(), once);
            }
        }
        #[test]
        fn no_text_makes_it_panic(text in "\\PC{0,60}") {
            let _ = path(&text);
        }
    }
}
