//! What the studio knows of an exchange and HAR has no field for: `_cgi`.

use serde_json::Value;

use crate::exchange::Exchange;
use crate::export::json::exchange_value;

/// No header block is longer.
const HEAD_BYTES: usize = 256 * 1024;

/// The JSON of the exchange without what the entry says already: the bodies.
pub(super) fn facts(exchange: &Exchange) -> serde_json::Result<Value> {
    let mut facts = exchange_value(exchange)?;
    remove(&mut facts, "/request/body", &["content", "tail"]);
    remove(&mut facts, "/request", &["form"]);
    remove(&mut facts, "/response", &["own_body"]);
    for (index, record) in exchange.invocations.iter().enumerate() {
        let run = format!("/runs/{index}");
        remove(&mut facts, &format!("{run}/stdout"), &["content", "tail"]);
        let head = usize::try_from(record.body_offset().unwrap_or(u64::MAX));
        let head = record
            .stdout
            .first(head.unwrap_or(usize::MAX).min(HEAD_BYTES));
        if let Some(Value::Object(run)) = facts.pointer_mut(&run) {
            let head = String::from_utf8_lossy(&head).into_owned();
            run.insert("stdout_head".to_owned(), Value::String(head));
        }
    }
    Ok(facts)
}

fn remove(facts: &mut Value, place: &str, names: &[&str]) {
    if let Some(Value::Object(object)) = facts.pointer_mut(place) {
        for name in names {
            object.remove(*name);
        }
    }
}
