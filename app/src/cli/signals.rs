//! Ctrl-C and SIGTERM: the first asks for an orderly end, the second ends at once.

use std::io;

use tokio::runtime;
use tokio::signal::unix::{Signal, SignalKind, signal};

use super::EXIT_OWN_FAILURE;

/// Calls `first` at the first signal and leaves at the second. From the return on no signal is missed.
///
/// SIGHUP keeps its meaning: a closed terminal ends the program, and `nohup` prevents that.
///
/// # Errors
/// The system gives no thread, or no descriptors for the signals.
pub(crate) fn watch(first: impl FnOnce() + Send + 'static) -> io::Result<()> {
    let runtime = runtime::Builder::new_current_thread().enable_io().build()?;
    let (mut interrupt, mut terminate) = {
        let _inside = runtime.enter();
        (
            signal(SignalKind::interrupt())?,
            signal(SignalKind::terminate())?,
        )
    };
    let wait = move || {
        runtime.block_on(either(&mut interrupt, &mut terminate));
        first();
        runtime.block_on(either(&mut interrupt, &mut terminate));
        // What still runs ends with us: the spawner sees to that.
        std::process::exit(i32::from(EXIT_OWN_FAILURE));
    };
    std::thread::Builder::new()
        .name("signals".to_owned())
        .spawn(wait)?;
    Ok(())
}

async fn either(interrupt: &mut Signal, terminate: &mut Signal) {
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
}
