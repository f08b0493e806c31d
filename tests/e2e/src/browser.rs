//! A person with a browser: headless Chromium over WebDriver, one session each.
//!
//! The browser is the one that people have, not a library that behaves like one: only it knows
//! whether a policy holds, a cookie is sent, or a form may be posted from another origin. Where it
//! is missing, a test fails with the step that installs it; it never passes for want of one.

use crate::setup::TENANT;
use crate::stack::Stack;
use base64::Engine as _;
use fantoccini::wd::WebDriverCompatibleCommand;
use fantoccini::{Client, ClientBuilder, Locator};
use hyper::Method;
use serde_json::{Map, Value, json};
use std::future::Future;
use std::io::{BufRead as _, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use tokio::runtime::Handle;
use url::Url;

const INSTALL: &str = "install the browser: apt-get install chromium chromium-driver fonts-roboto";

/// A running chromedriver: ended by its own handle when it is dropped.
#[derive(Debug)]
pub struct Driver {
    child: Child,
    url: String,
}

impl Driver {
    /// Starts it on a free port. `None` where the run goes without (see [`crate::without`]).
    ///
    /// # Panics
    /// It is not installed; says how to install it.
    pub fn start() -> Option<Self> {
        if crate::without("browser") {
            return None;
        }
        let mut child = Command::new("chromedriver")
            .arg("--port=0")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap_or_else(|error| panic!("chromedriver: {error}; {INSTALL}"));
        let out = child.stdout.take().expect("it was asked for");
        let lines = BufReader::new(out).lines().map_while(Result::ok);
        let told = lines.into_iter().find_map(|line| {
            let rest = line.split("started successfully on port ").nth(1)?;
            rest.trim_end_matches('.').parse::<u16>().ok()
        });
        let port = told.unwrap_or_else(|| panic!("chromedriver did not start; {INSTALL}"));
        let url = format!("http://127.0.0.1:{port}");
        Some(Self { child, url })
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// How wide a window is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Width {
    /// A desk.
    Desk,
    /// A phone.
    Phone,
}

/// One session: cookies and pages of its own.
#[derive(Debug)]
pub struct Browser {
    reactor: Handle,
    client: Client,
    base: String,
}

impl Browser {
    /// Opens a session.
    pub fn open(stack: &Stack, driver: &Driver) -> Self {
        Self::open_with(stack, driver, &json!({}))
    }
    /// Opens a session in which no script runs.
    pub fn without_script(stack: &Stack, driver: &Driver) -> Self {
        let off = json!({ "profile.managed_default_content_settings.javascript": 2 });
        Self::open_with(stack, driver, &off)
    }
    fn open_with(stack: &Stack, driver: &Driver, prefs: &Value) -> Self {
        let options = json!({
            "args": ["--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu", "--hide-scrollbars", "--window-size=1440,1000", "--lang=en-GB", "--disable-background-networking"],
            "prefs": prefs,
        });
        let mut wanted = Map::new();
        wanted.insert("goog:chromeOptions".to_owned(), options);
        wanted.insert("goog:loggingPrefs".to_owned(), json!({ "browser": "ALL" }));
        wanted.insert("unhandledPromptBehavior".to_owned(), json!("ignore"));
        let reactor = stack.runtime().handle().clone();
        let mut builder =
            ClientBuilder::new(hyper_util::client::legacy::connect::HttpConnector::new());
        let connecting = builder.capabilities(wanted).connect(&driver.url);
        let client = reactor.block_on(connecting);
        let client =
            client.unwrap_or_else(|error| panic!("no browser session: {error}; {INSTALL}"));
        let base = stack.nobody().base();
        Self {
            reactor,
            client,
            base,
        }
    }
    fn wait<T>(&self, what: impl Future<Output = T>) -> T {
        self.reactor.block_on(what)
    }

    /// Opens a page: below the tenant (`proposals/..`), or absolute.
    pub fn goto(&self, path: &str) {
        let url = match path {
            path if path.contains("://") => path.to_owned(),
            path if path.starts_with('/') => format!("{}{path}", self.base),
            path => format!("{}/t/{TENANT}/{path}", self.base),
        };
        let went = self.wait(self.client.goto(&url));
        went.unwrap_or_else(|error| panic!("{url}: {error}"));
    }
    /// Signs in by a one-time code, through the page.
    pub fn sign_in(&self, code: &str) {
        self.goto("");
        self.fill("#code", code);
        self.click("form button:not([disabled])");
        // where no script runs, the driver does not know that a page is on its way
        crate::until("they are signed in", || {
            (!self.path().starts_with("/sign-in")).then_some(())
        });
    }
    /// Signs in with a credential that somebody has already: a second sign-in by a new code would
    /// end it.
    pub fn carry(&self, token: &str) {
        let cookie = json!({
            "name": "__Host-countersign", "value": token, "url": self.base,
            "path": "/", "secure": true, "httpOnly": true, "sameSite": "Strict",
        });
        let set = self.devtools("Network.setCookie", &cookie);
        assert_eq!(set["success"], true, "{set}");
        self.goto("");
    }
    /// The path of the page that is open.
    pub fn path(&self) -> String {
        let url = self
            .wait(self.client.current_url())
            .expect("a page is open");
        let query = url.query().map(|it| format!("?{it}")).unwrap_or_default();
        format!("{}{query}", url.path())
    }
    /// The path of the host's page from which an id ends.
    pub fn back(&self) {
        self.wait(self.client.back())
            .expect("there is a page before");
    }
    /// Loads it again.
    pub fn refresh(&self) {
        self.wait(self.client.refresh()).expect("it can be loaded");
    }
    /// What a reader reads, of the first element that fits.
    #[track_caller]
    pub fn text(&self, css: &str) -> String {
        let found = self.wait(async {
            let element = self.client.find(Locator::Css(css)).await?;
            element.text().await
        });
        found.unwrap_or_else(|error| panic!("{css} on {}: {error}\n{}", self.path(), self.body()))
    }
    /// Waits until a reader reads this in the first element that fits.
    ///
    /// # Panics
    /// It is never there; shows the page.
    #[track_caller]
    pub fn reads(&self, css: &str, wanted: &str) {
        let begun = std::time::Instant::now();
        let read = || {
            let found = self.wait(async {
                let element = self.client.find(Locator::Css(css)).await?;
                element.text().await
            });
            found.unwrap_or_default()
        };
        while !read().contains(wanted) {
            let waited = begun.elapsed() < std::time::Duration::from_secs(10);
            assert!(
                waited,
                "{wanted:?} is not in {css} of {}:\n{}",
                self.path(),
                self.body()
            );
            std::thread::sleep(std::time::Duration::from_millis(40));
        }
    }
    /// Whether there is such an element.
    pub fn has(&self, css: &str) -> bool {
        let found = self.wait(self.client.find_all(Locator::Css(css)));
        found.is_ok_and(|it| !it.is_empty())
    }
    /// The whole page as a reader reads it.
    pub fn body(&self) -> String {
        let found = self.wait(async {
            let element = self.client.find(Locator::Css("body")).await?;
            element.text().await
        });
        found.unwrap_or_default()
    }
    /// The page as it is written.
    pub fn source(&self) -> String {
        self.wait(self.client.source()).expect("a page is open")
    }
    /// The value of an attribute or property.
    #[track_caller]
    pub fn value(&self, css: &str, name: &str) -> String {
        let found = self.wait(async {
            let element = self.client.find(Locator::Css(css)).await?;
            element.prop(name).await
        });
        found
            .unwrap_or_else(|error| panic!("{css}: {error}"))
            .unwrap_or_default()
    }
    /// Clicks, as a person does who has scrolled there: what is covered cannot be clicked.
    #[track_caller]
    pub fn click(&self, css: &str) {
        let clicked = self.wait(async {
            let element = self.client.find(Locator::Css(css)).await?;
            let there = serde_json::to_value(&element)?;
            let script = "arguments[0].scrollIntoView({ block: 'center', behavior: 'instant' })";
            // where scripts are off in the page, WebDriver's own still run
            let _ = self.client.execute(script, vec![there]).await;
            element.click().await
        });
        clicked
            .unwrap_or_else(|error| panic!("{css} on {}: {error}\n{}", self.path(), self.body()));
    }
    /// Types into a field.
    #[track_caller]
    pub fn fill(&self, css: &str, text: &str) {
        let typed = self.wait(async {
            let element = self.client.find(Locator::Css(css)).await?;
            element.clear().await?;
            element.send_keys(text).await
        });
        typed.unwrap_or_else(|error| panic!("{css} on {}: {error}\n{}", self.path(), self.body()));
    }
    /// Presses keys in what has the focus.
    pub fn press(&self, keys: &str) {
        let pressed = self.wait(async {
            let element = self.client.active_element().await?;
            element.send_keys(keys).await
        });
        pressed.expect("keys can be pressed");
    }
    /// Runs a script from outside the page, which no policy of the page stops.
    pub fn run(&self, script: &str) -> Value {
        let ran = self.wait(self.client.execute(script, Vec::new()));
        ran.unwrap_or_else(|error| panic!("{error}"))
    }
    /// The same for one that answers later: it calls its last argument.
    pub fn run_later(&self, script: &str) -> Value {
        let ran = self.wait(self.client.execute_async(script, Vec::new()));
        ran.unwrap_or_else(|error| panic!("{error}"))
    }
    /// Runs it, and whether a dialogue of the page is open: only a script opens one.
    pub fn has_dialogue(&self) -> bool {
        self.wait(self.client.get_alert_text()).is_ok()
    }
    /// What the browser complained of since it was last asked.
    pub fn complaints(&self) -> Vec<String> {
        let read = self.wait(self.client.issue_cmd(Ask {
            path: "se/log",
            body: json!({ "type": "browser" }),
        }));
        let lines = read
            .ok()
            .and_then(|it| it.as_array().cloned())
            .unwrap_or_default();
        lines
            .iter()
            .filter_map(|it| it["message"].as_str().map(str::to_owned))
            .collect()
    }
    /// A command of the browser's own protocol.
    pub fn devtools(&self, method: &str, params: &Value) -> Value {
        let body = json!({ "cmd": method, "params": params });
        let done = self.wait(self.client.issue_cmd(Ask {
            path: "goog/cdp/execute",
            body,
        }));
        done.unwrap_or_else(|error| panic!("{method}: {error}"))
    }
    /// Light or dark, and how wide.
    pub fn look(&self, dark: bool, width: Width) {
        let scheme = if dark { "dark" } else { "light" };
        let features = json!([{ "name": "prefers-color-scheme", "value": scheme }]);
        self.devtools(
            "Emulation.setEmulatedMedia",
            &json!({ "features": features }),
        );
        let (width, height, mobile) = match width {
            Width::Desk => (1440, 1000, false),
            Width::Phone => (390, 844, true),
        };
        let metrics =
            json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": mobile });
        self.devtools("Emulation.setDeviceMetricsOverride", &metrics);
    }
    /// A picture of the whole page, in the build's folder.
    pub fn picture(&self, name: &str) -> PathBuf {
        let params = json!({ "format": "png", "captureBeyondViewport": true });
        let shot = self.devtools("Page.captureScreenshot", &params);
        let data = shot["data"].as_str().expect("a picture");
        let bytes = base64::engine::general_purpose::STANDARD
            .decode(data)
            .expect("a picture");
        let folder = crate::child::binary()
            .parent()
            .expect("a folder")
            .join("pictures");
        std::fs::create_dir_all(&folder).expect("the build's folder can be written");
        let path = folder.join(format!("{name}.png"));
        std::fs::write(&path, bytes).expect("the build's folder can be written");
        path
    }
    /// How many pixels the page is wider than its window: sideways scrolling.
    pub fn overflow(&self) -> i64 {
        let wide = self.run(
            "return document.documentElement.scrollWidth - document.documentElement.clientWidth",
        );
        wide.as_i64().expect("a number")
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        let client = self.client.clone();
        let _ = self.reactor.block_on(client.close());
    }
}

/// A command that WebDriver does not know and chromedriver does.
#[derive(Debug)]
struct Ask {
    path: &'static str,
    body: Value,
}

impl WebDriverCompatibleCommand for Ask {
    fn endpoint(&self, base: &Url, session: Option<&str>) -> Result<Url, url::ParseError> {
        base.join(&format!(
            "session/{}/{}",
            session.unwrap_or_default(),
            self.path
        ))
    }
    fn method_and_body(&self, _: &Url) -> (Method, Option<String>) {
        (Method::POST, Some(self.body.to_string()))
    }
}
