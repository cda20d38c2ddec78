//! What the deploy check says of a host is what the live host does.

use crate::hosts::live_hosts;
use crate::{CHILD, ask, get};
use cgi_engine::convert::Host;
use cgi_engine::convert::deploy::{Severity, check};
use cgi_engine::site::Site;
use cgi_tests::{Answer, TempSite};

/// A script, what the check calls it, and what the studio answers.
struct Claim {
    name: &'static str,
    text: &'static str,
    title: &'static str,
    target: &'static str,
    holds_here: fn(&Answer) -> bool,
}

const CLAIMS: [Claim; 5] = [
    Claim {
        name: "nph-a.cgi",
        text: "#!/bin/sh\nprintf 'HTTP/1.1 200 OK\\r\\nContent-Type: text/plain\\r\\nX-Own: 1\\r\\n\\r\\nhello'\n",
        title: "scripts whose name starts with nph-",
        target: "/cgi-bin/nph-a.cgi",
        // Nothing but what the script wrote.
        holds_here: |answer| answer.status() == 200 && answer.head.fields.len() == 2,
    },
    Claim {
        name: "local.cgi",
        text: "#!/bin/sh\necho 'Location: /cgi-bin/host.sh'\necho\n",
        title: "local redirects",
        target: "/cgi-bin/local.cgi",
        holds_here: |answer| answer.status() == 200,
    },
    Claim {
        name: "slashes.cgi",
        text: "#!/bin/sh\necho 'Location: //other.example/x'\necho\n",
        title: "a Location that starts with //",
        target: "/cgi-bin/slashes.cgi",
        holds_here: |answer| answer.status() == 302,
    },
    Claim {
        name: "words.sh",
        text: "#!/bin/sh\nprintf 'Content-Type: text/plain\\n\\n'\necho \"word=$1\"\n",
        title: "words of the query on the command line",
        target: "/cgi-bin/words.sh?one+two",
        holds_here: |answer| answer.told("word").as_deref() == Some("one"),
    },
    Claim {
        name: "host.sh",
        text: "#!/bin/sh\nprintf 'Content-Type: text/plain\\n\\n'\necho \"host=$REMOTE_HOST\"\n",
        title: "REMOTE_HOST",
        target: "/cgi-bin/host.sh",
        holds_here: |answer| answer.told("host").as_deref() == Some("127.0.0.1"),
    },
];

#[test]
fn a_difference_that_is_told_is_one_and_one_that_is_not_told_is_none() {
    let site = TempSite::new(std::path::Path::new(CHILD));
    for claim in &CLAIMS {
        site.script(claim.name, claim.text);
    }
    let opened = Site::open(&site.root()).unwrap();
    for host in live_hosts(&site) {
        let told = check(&opened, Host::parse(host.name).unwrap());
        for claim in &CLAIMS {
            let answer = ask(host.peer.address(), &get(claim.target));
            let as_here = (claim.holds_here)(&answer);
            // What the written configuration settles is a note.
            let expected = !told.iter().any(|difference| {
                difference.title == claim.title && difference.severity != Severity::Note
            });
            assert_eq!(
                as_here, expected,
                "{}: {}: {answer:?}",
                host.name, claim.title
            );
        }
    }
}
