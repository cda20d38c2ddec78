//! Changes in the site's folder, one for each save.
