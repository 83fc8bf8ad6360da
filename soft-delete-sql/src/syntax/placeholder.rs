//! Placeholders and how many values they take.
