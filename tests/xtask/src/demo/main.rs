//! The demo: the motivating incident, played on a real host against a range, in six scenes.
//!
//! Nothing is pretended. Alerts go in through the API in the vendor's shape, plugins run in the
//! sandbox, the shipped guards judge, people are separate credentials, pages are signed webhooks,
//! and what happened is read back afterwards: from the API, and from the range's own log. Whether
//! a scene worked is computed from those facts and from nothing that this program did.

mod api;
mod facts;
mod inventory;
mod process;
mod scene;
mod scene_detect;
mod scene_hostile;
mod scene_malware;
mod scene_never;
mod scene_overreach;
mod scene_surge;
mod stage;
mod tell;
mod tenant;
mod workspace;
mod world;

use scene::{Played, Scene};
use serde_json::json;
use stage::Stage;
use std::path::PathBuf;
use std::process::ExitCode;
use tell::{Teller, Timeline};

/// What went wrong, for people. The demo has no other use for it.
pub type Stop = String;

struct Options {
    dist: PathBuf,
    guests: PathBuf,
    exit: bool,
    json: bool,
}

fn options() -> Result<Options, Stop> {
    let (mut dist, mut guests, mut exit, mut json) = (None, None, false, false);
    let mut args = std::env::args().skip(1);
    while let Some(arg) = args.next() {
        match arg.as_str() {
            "--dist" => dist = args.next().map(PathBuf::from),
            "--guests" => guests = args.next().map(PathBuf::from),
            "--exit" => exit = true,
            "--json" => json = true,
            other => {
                return Err(format!(
                    "unknown argument {other}; start it with: cargo xtask demo"
                ));
            }
        }
    }
    let missing = |what: &str| format!("{what} is missing; start it with: cargo xtask demo");
    Ok(Options {
        dist: dist.ok_or_else(|| missing("--dist"))?,
        guests: guests.ok_or_else(|| missing("--guests"))?,
        exit,
        json,
    })
}

#[tokio::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(why) => {
            eprintln!("demo: {why}");
            ExitCode::FAILURE
        }
    }
}

/// Plays everything, and unless it is to end by itself, stays until Ctrl-C. Whether every scene
/// came out as it should.
async fn run() -> Result<bool, Stop> {
    let options = options()?;
    let tell = Teller::new(options.json);
    let (mut stage, scenes) = tokio::select! {
        played = play(&options, &tell) => played?,
        // what was started is killed with the future that held it
        _ = tokio::signal::ctrl_c() => return Err("interrupted".to_owned()),
    };
    if options.json {
        let shown: Vec<_> = scenes.iter().map(Scene::to_json).collect();
        println!("{}", json!({ "scenes": shown }));
    }
    tell.summary(&scenes);
    if !options.exit {
        tell.next(&stage);
        tokio::select! {
            // either ending by itself is an end, too
            why = stage.ended() => return Err(why),
            _ = tokio::signal::ctrl_c() => {}
        }
    }
    stage.strike(options.exit).await?;
    Ok(scenes.iter().all(|it| it.ok))
}

async fn play(options: &Options, tell: &Teller) -> Result<(Stage, Vec<Scene>), Stop> {
    let stage = Stage::set(&options.dist, &options.guests, tell).await?;
    let on = &stage;
    let scenes = vec![
        played(scene_overreach::TITLE, tell, async |it| {
            scene_overreach::play(on, it).await
        })
        .await,
        played(scene_detect::TITLE, tell, async |it| {
            scene_detect::play(on, it).await
        })
        .await,
        played(scene_malware::TITLE, tell, async |it| {
            scene_malware::play(on, it).await
        })
        .await,
        played(scene_surge::TITLE, tell, async |it| {
            scene_surge::play(on, it).await
        })
        .await,
        played(scene_never::TITLE, tell, async |it| {
            scene_never::play(on, it).await
        })
        .await,
        played(scene_hostile::TITLE, tell, async |it| {
            scene_hostile::play(on, it).await
        })
        .await,
    ];
    Ok((stage, scenes))
}

/// Plays one scene; one that stops is told, and the others are played all the same.
async fn played(
    (id, title): (&'static str, &'static str),
    tell: &Teller,
    play: impl AsyncFnOnce(&mut Timeline<'_>) -> Result<Played, Stop>,
) -> Scene {
    let mut timeline = tell.scene(id, title);
    let outcome = play(&mut timeline).await;
    let lines = timeline.finish();
    let scene = Scene::of(id, title, lines, outcome);
    tell.ended(&scene);
    scene
}
