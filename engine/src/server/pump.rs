//! A task that moves the bytes of one stream and ends with its owner.

use std::time::Duration;
use tokio::task::JoinHandle;

/// See the module.
pub(super) struct Pump {
    task: JoinHandle<()>,
    pub(super) over: bool,
}

impl Pump {
    pub(super) fn start(work: impl Future<Output = ()> + Send + 'static) -> Self {
        Self {
            task: tokio::spawn(work),
            over: false,
        }
    }

    pub(super) async fn end(&mut self) {
        if !self.over {
            let _ = (&mut self.task).await;
            self.over = true;
        }
    }

    pub(super) async fn end_within(&mut self, patience: Duration) {
        let _ = tokio::time::timeout(patience, self.end()).await;
    }
}

impl Drop for Pump {
    fn drop(&mut self) {
        self.task.abort();
    }
}
