//! `interpreters`: what is listed, and a choice that is written down.

use crate::studio::Home;

#[test]
fn the_shell_that_every_system_has_is_listed_and_may_be_chosen() {
    let home = Home::new();
    let site = home.example("hello");
    let site = site.to_str().unwrap();
    let listed = home.end_of(&["interpreters", site]);
    assert_eq!(listed.code, Some(0), "{}", listed.stderr);
    assert!(
        listed.stdout.contains("found by #!/usr/bin/env"),
        "{}",
        listed.stdout
    );
    let chosen = home.end_of(&["interpreters", site, "--use", "/bin/sh", "--suffix", ".sh"]);
    assert_eq!(chosen.code, Some(0), "{}", chosen.stderr);
    let json = home.end_of(&["interpreters", site, "--format", "json"]);
    let all: serde_json::Value = serde_json::from_str(&json.stdout).unwrap();
    let shells = all
        .as_array()
        .unwrap()
        .iter()
        .filter(|one| one["name"] == "sh");
    let chosen: Vec<_> = shells.map(|one| one["chosen_for"].clone()).collect();
    assert!(!chosen.is_empty());
    let told = std::fs::read_to_string(format!("{site}/cgi-studio.toml")).unwrap();
    assert!(told.contains("\".sh\" = \"/bin/sh\""), "{told}");
}

#[test]
fn a_choice_needs_a_folder_and_a_file_that_is_there() {
    let home = Home::new();
    let without = home.end_of(&["interpreters", "--use", "/bin/sh"]);
    assert_eq!(without.code, Some(2));
    let site = home.example("hello");
    let missing = home.end_of(&["interpreters", site.to_str().unwrap(), "--use", "/no/such"]);
    assert_eq!(missing.code, Some(2));
    assert!(
        missing.stderr.contains("no such file"),
        "{}",
        missing.stderr
    );
}
