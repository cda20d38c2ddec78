//! The run before of the selected request: what the environment is compared with.

use std::sync::Arc;

use cgi_engine::exchange::{Exchange, ExchangeId};

/// The last run before a request that had the same method and target.
#[derive(Debug, Default)]
pub struct Earlier {
    of: Option<ExchangeId>,
    exchange: Option<Arc<Exchange>>,
}

impl Earlier {
    /// Notes that somebody looks for the run before `id`; `false` when somebody does already.
    pub fn ask(&mut self, id: ExchangeId) -> bool {
        let is_new = self.of != Some(id);
        if is_new {
            *self = Self {
                of: Some(id),
                exchange: None,
            };
        }
        is_new
    }

    /// Takes what was found, unless another request is selected since.
    pub fn take(&mut self, id: ExchangeId, exchange: Option<Arc<Exchange>>) {
        if self.of == Some(id) {
            self.exchange = exchange;
        }
    }

    /// Whether the run before `id` was looked for.
    #[must_use]
    pub fn was_asked(&self, id: ExchangeId) -> bool {
        self.of == Some(id)
    }

    /// The run before `id`, once it is here.
    #[must_use]
    pub fn than(&self, id: ExchangeId) -> Option<&Arc<Exchange>> {
        self.exchange.as_ref().filter(|_| self.was_asked(id))
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::asked;
    use super::*;

    #[test]
    fn what_comes_too_late_is_not_taken_for_another() {
        let (one, two) = (ExchangeId(1), ExchangeId(2));
        let mut earlier = Earlier::default();
        assert!(earlier.ask(one) && !earlier.ask(one) && earlier.ask(two));
        let found = Arc::new(asked(1, "GET / HTTP/1.1\r\nHost: h\r\n\r\n", ""));
        earlier.take(one, Some(Arc::clone(&found)));
        assert!(earlier.than(two).is_none());
        earlier.take(two, Some(found));
        assert!(earlier.than(two).is_some() && earlier.than(one).is_none());
    }
}
