//! An exported HTTP archive as another program's library reads it.

use crate::served::{PYTHON, has_library, python_packages};
use crate::support::program::{command, output};
use crate::support::studio::Home;

/// What haralyzer makes of the archive, a line for each entry.
const READER: &str = r#"
import json, sys
sys.path.insert(0, "packages")
from haralyzer import HarParser, HarEntry
parser = HarParser(json.load(open("all.har")))
print(parser.version, parser.creator["name"])
for data in parser.har_data["entries"]:
    entry = HarEntry(data)
    timings = [value for value in data["timings"].values() if value != -1]
    assert abs(sum(timings) - entry.time) < 0.001, (timings, entry.time)
    assert entry.startTime is not None
    body = entry.response.text
    print(entry.request.method, entry.request.url.split("/", 3)[3], entry.status, entry.response.mimeType, repr(body), entry.cookies)
"#;

#[test]
fn an_archive_is_read_by_another_library() {
    if !has_library("pip", PYTHON, &["-m", "pip", "--version"]) {
        return;
    }
    let Some(wheels) = python_packages() else {
        return;
    };
    let home = Home::new();
    let script = "#!/bin/sh\nprintf 'Content-Type: text/plain\\n\\n'\necho \"$REQUEST_METHOD $QUERY_STRING\"\n[ \"$1\" = fail ] && exit 1\ncat\n";
    home.script("site/cgi-bin/a.sh", script);
    let studio = home.serving(&["serve", "site", "--listen", "127.0.0.1:0"]);
    let url = |path: &str| format!("http://{}/cgi-bin/a.sh{path}", studio.address);
    let curl = |arguments: &[&str]| {
        output(
            command("curl", home.path())
                .args(["-sS", "-o", "/dev/null"])
                .args(arguments),
        );
    };
    curl(&[&url("?q=a%20b")]);
    curl(&["--data", "name=Zo%C3%AB", "--cookie", "c=1", &url("")]);
    curl(&["--head", &url("?x")]);
    studio.end();
    let export = [
        "export",
        "site",
        "1-3",
        "--format",
        "har",
        "--no-redact",
        "--output",
        "all.har",
    ];
    assert_eq!(home.end_of(&export).code, Some(0));
    let mut pip = command(PYTHON, home.path());
    pip.env("PIP_NO_INDEX", "1").env("PIP_FIND_LINKS", wheels);
    output(pip.args([
        "-m",
        "pip",
        "install",
        "--quiet",
        "--target",
        "packages",
        "haralyzer",
    ]));
    let told = output(command(PYTHON, home.path()).args(["-c", READER]));
    let told = String::from_utf8(told).unwrap();
    assert_eq!(
        told,
        "1.2 CGI Studio\n\
         GET cgi-bin/a.sh?q=a%20b 200 text/plain 'GET q=a%20b\\n' []\n\
         POST cgi-bin/a.sh 200 text/plain 'POST \\nname=Zo%C3%AB' []\n\
         HEAD cgi-bin/a.sh?x 200 text/plain '' []\n"
    );
}
