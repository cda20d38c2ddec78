//! The hosts, a table each.
mod apache;
mod busybox;
mod cpython;
mod go;
mod lighttpd;
mod nginx_fcgiwrap;

pub(super) use apache::APACHE;
pub(super) use busybox::BUSYBOX;
pub(super) use cpython::CPYTHON;
pub(super) use go::GO;
pub(super) use lighttpd::LIGHTTPD;
pub(super) use nginx_fcgiwrap::NGINX_FCGIWRAP;
