//! Without a display there is no window, and the studio serves all the same.

use crate::studio::{Home, Serving};

#[test]
fn without_a_display_the_folder_is_served_with_a_log() {
    let home = Home::new();
    home.script(
        "cgi-bin/plain.sh",
        "#!/bin/sh\nprintf 'Content-Type: text/plain\\n\\nhello\\n'\n",
    );
    let serving = home.serving(&["."]);
    let said = serving.first_lines.join("\n");
    assert!(said.contains("no window: there is no display"), "{said}");
    assert!(serving.get("/cgi-bin/plain.sh").contains("hello\n"));
    serving.stdout_line("/cgi-bin/plain.sh");
}

#[test]
fn without_a_display_and_a_folder_the_hello_example_is_served() {
    let home = Home::new();
    let serving = home.serving(&[]);
    let example = home.path().join("xdg_data_home/cgi-studio/examples/hello");
    assert!(example.join("cgi-bin/hello.py").is_file());
    assert!(serving.get("/").starts_with("HTTP/1.1 200 OK"));
}

#[track_caller]
fn check_dead(name: &str, value: &str) {
    let home = Home::new();
    let mut studio = home.studio(&["."]);
    studio.env(name, value);
    let serving = Serving::start(studio);
    let said = serving.first_lines.join("\n");
    assert!(
        said.contains(&format!("no window: the display {value} does not answer")),
        "{said}"
    );
}

#[test]
fn a_dead_display_is_named() {
    check_dead("DISPLAY", ":4711");
    check_dead("WAYLAND_DISPLAY", "wayland-nobody");
}
