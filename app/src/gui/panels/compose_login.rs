//! The login of a request that is being written.

use eframe::egui::{Ui, Vec2};

use super::compose::field_ui;
use crate::gui::model::compose::draft::Draft;
use crate::gui::model::compose::login::Login;
use crate::gui::theme::Theme;
use crate::gui::widgets::chip;

/// Draws the tab.
pub(super) fn ui(ui: &mut Ui, draft: &mut Draft) {
    let mut login = Login::of(draft);
    let before = login.clone();
    ui.add_space(2.0);
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing = Vec2::new(6.0, 6.0);
        let empty = String::new;
        let kinds = [
            ("No login", Login::None),
            (
                "Basic",
                Login::Basic {
                    user: empty(),
                    password: empty(),
                },
            ),
            ("Bearer", Login::Bearer(empty())),
            ("Other", Login::Other(empty())),
        ];
        for (label, kind) in kinds {
            let is_this = std::mem::discriminant(&kind) == std::mem::discriminant(&login);
            if chip::ui_with_state(ui, is_this, label, None).clicked() && !is_this {
                login = kind;
            }
        }
    });
    let width = ui.available_width().min(420.0);
    let words = match &mut login {
        Login::None => "No Authorization field is sent",
        Login::Basic { user, password } => {
            field_ui(ui, user, "User", "name", width);
            field_ui(ui, password, "Password", "password", width);
            "Sent as it stands here, encoded and not encrypted. The record keeps no password unless the site hands logins to its scripts."
        }
        Login::Bearer(token) => {
            field_ui(ui, token, "Token", "token", width);
            "Scripts see it where the site has pass_authorization"
        }
        Login::Other(value) => {
            field_ui(ui, value, "Authorization", "Scheme credentials", width);
            "The whole value of the field"
        }
    };
    ui.label(Theme::of(ui).weak(words));
    if login != before {
        login.put(draft);
    }
}
