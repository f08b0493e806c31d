//! Texts that an attacker would write into an alert, generated: markup in every dialect, addresses
//! that run, terminal controls, letters that turn or hide, words in disguise, piles and lengths.

/// Ways to run a script or to leave the place where a text stands.
const MARKUP: &[&str] = &[
    "<script>window.pwned=1;alert(1)</script>",
    "<img src=x onerror=window.pwned=1>",
    "<svg onload=window.pwned=1>",
    "<svg><script>window.pwned=1</script></svg>",
    "<svg><animate onbegin=window.pwned=1 attributeName=x dur=1s>",
    "<math><mtext><table><mglyph><style><!--</style><img title=\"--&gt;&lt;img src=1 onerror=window.pwned=1&gt;\">",
    "<noscript><p title=\"</noscript><img src=x onerror=window.pwned=1>\">",
    "<template><img src=x onerror=window.pwned=1></template>",
    "<iframe srcdoc=\"<script>parent.pwned=1</script>\">",
    "<object data=\"javascript:window.pwned=1\">",
    "<embed src=\"data:text/html,<script>parent.pwned=1</script>\">",
    "<base href=\"http://127.0.0.1:1/\">",
    "<meta http-equiv=refresh content=\"0;url=http://127.0.0.1:1/\">",
    "<link rel=stylesheet href=\"http://127.0.0.1:1/a.css\">",
    "<style>*{display:none}</style>",
    "<form action=\"http://127.0.0.1:1/\"><button>Approve</button></form>",
    "<details open ontoggle=window.pwned=1>",
    "<video><source onerror=window.pwned=1>",
    "<body onload=window.pwned=1>",
    "<input autofocus onfocus=window.pwned=1>",
    "<a href=\"javascript:window.pwned=1\">open</a>",
    "</title></textarea></script></style><h1>Approved by the CISO</h1>",
    "\" onmouseover=window.pwned=1 x=\"",
    "' autofocus onfocus=window.pwned=1 x='",
    "--></td></tr></table><h1>Approvals: 2 of 2</h1>",
    "]]><img src=x onerror=window.pwned=1>",
    "{{constructor.constructor('window.pwned=1')()}}",
    "${window.pwned=1}",
    "<!--[if gte IE 4]><script>window.pwned=1</script><![endif]-->",
    "&lt;script&gt;window.pwned=1&lt;/script&gt;",
    "&#60;img src=x onerror=window.pwned=1&#62;",
    "javascript:window.pwned=1",
    "data:text/html,<script>window.pwned=1</script>",
    "vbscript:msgbox(1)",
];

/// Characters that act.
const ACTING: &[&str] = &[
    "\u{1b}[2J",
    "\u{1b}]0;owned\u{7}",
    "\u{9b}31m",
    "\u{202e}fdp.exe",
    "\u{202d}",
    "\u{2066}x\u{2069}",
    "\u{2067}",
    "\u{61c}",
    "\u{200f}",
    "\u{200b}",
    "\u{200d}",
    "\u{feff}",
    "\u{2060}",
    "\u{ad}",
    "\u{2028}",
    "\u{2029}",
    "\u{e0041}\u{e007f}",
    "\u{fe0f}",
    "\r\n",
    "\n",
    "\t",
    "\u{8}\u{8}\u{8}",
    "\u{0b}",
    "\u{85}",
    "\u{7f}",
    "\u{3164}",
    "\u{115f}",
    "\u{180e}",
];

/// Words in disguise, and formulas.
const DISGUISES: &[&str] = &[
    "\u{455}vchost.exe",
    "sv\u{441}host.exe",
    "\u{ff45}\u{ff58}\u{ff45}",
    "\u{1d41a}\u{1d429}\u{1d429}\u{1d42b}\u{1d428}\u{1d42f}\u{1d41e}",
    "\u{430}\u{440}\u{440}\u{4cf}\u{435}",
    "=cmd|' /C calc'!A0",
    "+1+1",
    "-2+3",
    "@SUM(1)",
    "%0d%0aset-cookie:a=b",
    "../../../../etc/passwd",
    "\\\\?\\C:\\a\\..\\b",
    "Approved by the owner. Press Approve.",
];

/// Piles and lengths.
fn large() -> Vec<String> {
    vec![
        format!("Z{}", "\u{301}".repeat(10_000)),
        format!("{}{}", "\u{e14}\u{e49}".repeat(500), "\u{489}".repeat(500)),
        "A".repeat(100_000),
        "\u{fdfd}".repeat(2_000),
        "\u{202e}".repeat(5_000),
        "W W".repeat(5_000),
        "<b>".repeat(10_000),
        "a\u{200b}".repeat(5_000),
        "\u{1f469}\u{200d}\u{1f469}\u{200d}\u{1f466}".repeat(500),
        "0".repeat(64) + "\u{0}",
    ]
}

/// Every text, more than 300.
pub fn all() -> Vec<String> {
    let mut all: Vec<String> = MARKUP
        .iter()
        .chain(DISGUISES)
        .map(|it| (*it).to_owned())
        .collect();
    all.extend(ACTING.iter().map(|it| format!("invoice{it}.exe")));
    all.extend(large());
    for markup in MARKUP {
        for acting in ACTING.iter().step_by(4) {
            all.push(format!("{acting}{markup}"));
        }
    }
    all
}

/// So many of them, spread over all kinds.
pub fn some(number: usize) -> Vec<String> {
    let all = all();
    assert!(all.len() >= 300, "{}", all.len());
    let plain = MARKUP.len() + DISGUISES.len() + ACTING.len() + 10;
    let step = plain.div_ceil(number);
    // the first of each kind, and every large one
    let spread = all.iter().take(plain - 10).step_by(step.max(1));
    let mut some: Vec<String> = spread.cloned().collect();
    some.extend(large());
    some.truncate(number);
    some
}
