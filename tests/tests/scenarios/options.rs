//! Where hosts disagree and the site may choose.

use crate::{get, serve, serve_configured, url};
use cgi_engine::exchange::End;
use cgi_tests::Ending;

#[test]
fn an_encoded_slash_may_be_refused_as_apache_does() {
    let target = "/cgi-bin/child/a%2fb";
    assert_eq!(serve().get(target).status(), 200);
    let engine = serve_configured("[options]\nencoded_slashes = false\n");
    assert_eq!(engine.get(target).status(), 404);
    let exchange = engine.ended(1);
    assert!(exchange.invocations.is_empty());
    assert!(
        exchange
            .selection
            .steps
            .last()
            .unwrap()
            .contains("encoded_slashes")
    );
    assert_eq!(engine.get("/cgi-bin/child/a/b?text=%2f").status(), 200);
}

#[test]
fn a_script_may_run_in_the_folder_of_the_site() {
    let target = url(&["text", "cwd"]);
    let engine = serve();
    let folder = engine.site.root().join("cgi-bin");
    assert_eq!(engine.get(&target).told("cwd").as_deref(), folder.to_str());
    let engine = serve_configured("[options]\nrun_in_script_folder = false\n");
    assert_eq!(
        engine.get(&target).told("cwd").as_deref(),
        engine.site.root().to_str()
    );
}

#[test]
fn half_a_page_may_look_whole_as_on_other_hosts() {
    let engine = serve_configured("[options]\ncut_off_crashed = false\n");
    let go = engine.site.path("go");
    let mut client = engine.connect();
    let wait = format!("when={}", go.display());
    client.send(get(&url(&["text", "out=half", &wait, "die=9"])));
    let head = client.head();
    std::fs::write(go, "").unwrap();
    let mut body = Vec::new();
    let ending = client.body(&head, |bytes| body.extend_from_slice(bytes));
    assert_eq!((body.as_slice(), ending), (&b"half"[..], Ending::LastChunk));
    let exchange = engine.ended(1);
    assert_eq!(exchange.end, Some(End::Answered));
    // The crash is told all the same.
    let findings = cgi_engine::diagnosis::after_run(&exchange);
    assert!(format!("{findings:?}").contains("SIGKILL"), "{findings:?}");
}
