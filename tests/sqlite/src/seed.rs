//! The rows that every test starts with.

/// `Ada` and `Cyd` are live, `Bob` and `Dan` are deleted; one order of each state belongs to a
/// contact of each state.
pub(crate) const SEED: &str = "
    INSERT INTO contacts (id, email, name, deleted_at) VALUES
        (1, 'ada@example.org', 'Ada', NULL),
        (2, 'bob@example.org', 'Bob', '2026-01-02 03:04:05'),
        (3, 'cyd@example.org', 'Cyd', NULL),
        (4, 'dan@example.org', 'Dan', '2026-01-02 03:04:05');
    INSERT INTO orders (id, contact_id, total, deleted_at) VALUES
        (10, 1, 100, NULL),
        (11, 1, 50, '2026-01-02 03:04:05'),
        (12, 2, 70, NULL),
        (13, 3, 30, NULL),
        (14, 4, 20, '2026-01-02 03:04:05');
    INSERT INTO countries (code, name) VALUES ('NL', 'Netherlands'), ('NO', 'Norway');
    INSERT INTO tasks (id, title, is_deleted) VALUES (1, 'wash', FALSE), (2, 'iron', TRUE);
    INSERT INTO products (id, sku, deleted) VALUES (1, 'P-1', 0), (2, 'P-2', 1);
    INSERT INTO articles (id, title, status, deleted_at) VALUES
        (1, 'News', 'published', NULL),
        (2, 'Old', 'archived', NULL),
        (3, 'Gone', 'published', '2026-01-02 03:04:05');
";

/// The key of the live document.
pub(crate) const PLAN: u128 = 0x1111_1111_1111_4111_8111_1111_1111_1111;
/// The key of the deleted document.
pub(crate) const DRAFT: u128 = 0x2222_2222_2222_4222_8222_2222_2222_2222;
