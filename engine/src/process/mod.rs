//! Any program under limits; knows no HTTP, no CGI and no site.
