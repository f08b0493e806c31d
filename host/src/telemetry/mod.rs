//! See the module's own documentation.
