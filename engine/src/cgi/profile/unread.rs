//! What a host passes over that sends a script's headers on without reading them.
use super::answer::Deviation;
use super::output_rules::Reading;
use super::rules::Rules;
use crate::cgi::header_block::HeaderBlock;

/// The fields that should have had an effect, told by the specification's reading of the block.
pub(super) fn unread(rules: &Rules, block: &HeaderBlock, head_request: bool) -> Vec<Deviation> {
    let reads_status = match rules.output.reading {
        Reading::Parsed => return Vec::new(),
        Reading::AsPrinted(_) => false,
        Reading::AsPrintedAfterStatus => true,
    };
    let first = |name: &str| block.fields.iter().position(|field| field.is(name));
    let mut passed_over = Vec::new();
    if let Some(place) = first("status")
        && !(reads_status && place == 0)
    {
        let does = "sends the field on and answers 200";
        passed_over.push(deviation("the script sets a Status", does, 79, "§6.3.3"));
    }
    let redirects = first("location").filter(|_| first("status").is_none());
    if let Some(field) = redirects.and_then(|place| block.fields.get(place)) {
        let does = "sends the field on and answers 200, so no client goes there";
        passed_over.push(if field.value.starts_with(b"/") {
            let what = "the script redirects to a path of this server";
            deviation(what, does, 95, "§6.2.2")
        } else {
            deviation("the script redirects the client", does, 101, "§6.2.3")
        });
    }
    if head_request {
        let does = "sends whatever the script prints";
        passed_over.push(deviation("the client asked with HEAD", does, 109, "§4.3.3"));
    }
    passed_over
}

fn deviation(what: &'static str, does: &str, row: u8, section: &'static str) -> Deviation {
    Deviation::new(what, does, row, Some(section))
}
