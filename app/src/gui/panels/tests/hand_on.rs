//! The view of requests that leave, by role and label.

use cgi_engine::exchange::ExchangeId;
use cgi_engine::export::redact::{Secret, SecretKind};
use eframe::egui::{Key, Modifiers, Vec2};
use egui_kittest::kittest::Queryable as _;

use super::{USUAL, model_with, window};
use crate::gui::command::Command;
use crate::gui::model::Model;
use crate::gui::model::hand_on::{Export, Failed, HandOn, Order};
use crate::hand_on::Form;

/// The smallest that the window can be.
const SMALL: Vec2 = Vec2::new(960.0, 600.0);

fn exporting(secrets: Vec<Secret>) -> Model {
    let mut model = model_with(3);
    let site = model.site.as_mut().unwrap();
    site.hand_on = Some(HandOn::Export(Export {
        ids: vec![ExchangeId(2)],
        secrets: Some(Ok(secrets)),
        ..Export::default()
    }));
    model
}

fn secret(name: &str, value: &str) -> Secret {
    Secret {
        kind: SecretKind::Cookie,
        name: name.into(),
        value: value.into(),
        places: vec![("request head".into(), 1), ("HTTP_COOKIE".into(), 2)],
    }
}

fn ordered(commands: &[Command]) -> Option<&Order> {
    commands.iter().find_map(|command| match command {
        Command::ExportNow(order) => Some(order.as_ref()),
        _ => None,
    })
}

#[test]
fn an_export_hides_every_secret_that_is_not_let_out() {
    let secrets = vec![
        secret("sid", "0123456789"),
        secret("lang", "en-GB-oxendict"),
    ];
    for size in [USUAL, SMALL] {
        let mut window = window(exporting(secrets.clone()), size);
        window.run();
        window.get_by_label("2 of 2 secrets are hidden");
        window.get_by_label("**********");
        window.get_by_label("cookie lang").click();
        window.run();
        window.get_by_label("1 of 2 secrets are hidden");
        window.get_by_label("Markdown").click();
        window.run();
        window.get_by_label("Copy to clipboard").click();
        window.run();
        let order = ordered(&window.state().commands).unwrap().clone();
        assert_eq!((order.form, order.file.clone()), (Form::Markdown, None));
        assert_eq!(order.chosen.secrets, secrets[..1]);
        assert!(order.chosen.keep_lengths && !order.over);
    }
}

#[test]
fn an_export_goes_to_the_path_that_was_typed_and_asks_before_it_writes_over() {
    let mut model = exporting(Vec::new());
    if let Some(HandOn::Export(export)) = &mut model.site.as_mut().unwrap().hand_on {
        export.outcome = Some(Err(Failed {
            words: "the file is there already".into(),
            exists: true,
        }));
    }
    let mut window = window(model, USUAL);
    window.run();
    window.get_by_label("Write over it").click();
    window.run();
    let order = ordered(&window.state().commands).unwrap();
    assert!(
        order.over
            && order
                .file
                .as_ref()
                .is_some_and(|file| file.ends_with("request-2.har"))
    );
}

#[test]
fn requests_to_export_are_typed_as_numbers_and_ranges() {
    let mut window = window(exporting(Vec::new()), USUAL);
    window.run();
    let mut type_over = |text: &str| {
        window.get_by_label("Numbers of requests").focus();
        window.run();
        window.key_press_modifiers(Modifiers::COMMAND, Key::A);
        window.run();
        window.get_by_label("Numbers of requests").type_text(text);
        window.run();
        window.state().commands.clone()
    };
    let ids = vec![ExchangeId(2), ExchangeId(3), ExchangeId(1)];
    assert!(type_over("2-3, 1").contains(&Command::ExportThese(ids)));
    let before = type_over("2").len();
    assert_eq!(type_over("99").len(), before);
}
