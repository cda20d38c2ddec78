//! Any program under limits; knows no HTTP, no CGI and no site.
//!
//! A small resident spawner starts every program on our behalf. In reading order: what to run and
//! what is running (`launch`), our ends of its streams (`pipes`), how it ended (`exit`), who else
//! lives in its group (`group`), what it waits for (`waiting`), what it may use (`resources`); the spawner seen from here (`spawner`, `link`), the messages
//! between (`wire`, `control`), and the spawner itself (`resident`,
//! `child`, `system`). Editors of the user's own are started apart from all this (`detached`).

mod child;
mod control;
mod detached;
mod exit;
mod group;
mod launch;
mod link;
mod pipes;
mod resident;
mod resources;
mod spawner;
mod system;
mod waiting;
mod wire;

pub use detached::{DetachedError, absolute_program, start_detached};
pub use exit::{Exit, ProcessEnd, Signal};
pub use group::{Member, is_ending, who_holds};
pub use launch::{Finished, LaunchError, Process, Program};
pub use pipes::{Pipes, Stdin, widen};
pub use resources::Resources;
pub use spawner::{Spawner, SpawnerError, serve_if_spawner};
pub use waiting::{Onlook, WaitCause, Waiting};
