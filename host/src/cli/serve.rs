//! `serve`: the host itself. Starts or says why not, prints where it listens and how the first
//! person signs in, and ends when it is told to, or when the store stops.

use super::args::ServeArgs;
use super::context::Context;
use super::render::{complain, print};
use crate::api::{router, secret, server};
use crate::config::{Config, Surroundings, render_all};
use crate::console;
use crate::model::{Digest, SystemClock, TenantId};
use crate::pipeline::Host;
use std::process::ExitCode;
use std::sync::Arc;
use tokio::net::TcpListener;

/// Runs the host until it is told to end.
pub async fn run(args: ServeArgs, ctx: &Context) -> ExitCode {
    let config = match Config::load(&ctx.dir, &Surroundings::of_process()) {
        Ok(config) => config,
        Err(errors) => {
            complain(&render_all(&errors, ctx.styled_err));
            return ExitCode::from(super::INVALID);
        }
    };
    if let Err(error) = crate::telemetry::init(&config.host.log, ctx.styled_err) {
        complain(&error.to_string());
    }
    let listen = args.listen.unwrap_or(config.host.listen);
    let reactor = tokio::runtime::Handle::current();
    // opening the store and compiling plugins blocks: not on the reactor
    let started =
        tokio::task::spawn_blocking(move || Host::start(config, Arc::new(SystemClock), reactor))
            .await;
    let host = match started {
        Ok(Ok(host)) => host,
        Ok(Err(error)) => {
            return ctx.fail(
                "CS-serve-01",
                &error.to_string(),
                "mend this and start again; nothing was changed",
            );
        }
        Err(_) => {
            return ctx.fail(
                "CS-serve-02",
                "starting ended unexpectedly",
                "see the log above",
            );
        }
    };
    let listener = match TcpListener::bind(listen).await {
        Ok(listener) => listener,
        Err(error) => {
            return ctx.fail(
                "CS-serve-03",
                &format!("cannot listen on {listen}: {error}"),
                "choose another address with --listen",
            );
        }
    };
    let bound = listener.local_addr().unwrap_or(listen);
    announce(&host, bound, ctx).await;
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let end = async move {
        // either is a reason to end: being told, or a store that writes no more
        let _ = stopped.await;
    };
    let serving = tokio::spawn(server::serve(
        listener,
        console::router(&host, router(&host)),
        server::Bounds::default(),
        end,
    ));
    let store_failed = tokio::select! {
        why = host.store().wait_stopped() => {
            complain(&format!("the store has stopped: {why}; the host ends, and goes on from the journal at the next start"));
            true
        }
        () = told_to_end() => false,
    };
    let _ = stop.send(());
    let _ = serving.await;
    if store_failed {
        ExitCode::from(super::FAILED)
    } else {
        ExitCode::SUCCESS
    }
}

/// Where it listens, and the first person's one-time code for each tenant that has nobody yet.
async fn announce(host: &Arc<Host>, bound: std::net::SocketAddr, ctx: &Context) {
    let mut codes = Vec::new();
    let tenants: Vec<TenantId> = host.config().tenants.keys().cloned().collect();
    for tenant in tenants {
        let Ok(code) = secret::code() else { continue };
        if let Ok(Some(person)) = host
            .first_person(&tenant, Digest::of(code.as_bytes()))
            .await
        {
            codes.push((tenant, person, code));
        }
    }
    let shown: Vec<_> = codes.iter().map(|(tenant, person, code)| serde_json::json!({ "tenant": tenant, "person": person, "code": code })).collect();
    let value = serde_json::json!({ "listening": bound, "codes": shown });
    let mut text = format!("countersign listens on http://{bound}");
    for (tenant, person, code) in &codes {
        text.push_str(&format!("\n{person} signs in to {tenant} with: countersign login --tenant {tenant} --url http://{bound} {code}"));
    }
    if ctx.json {
        print(&value.to_string())
    } else {
        print(&text)
    }
}

async fn told_to_end() {
    let terminate = async {
        match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
            Ok(mut signal) => drop(signal.recv().await),
            Err(_) => std::future::pending::<()>().await,
        }
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        () = terminate => {}
    }
}
