-- It forbids the deletion of its code, in whose row no operation stands.
CREATE TABLE redemptions (
    id INTEGER PRIMARY KEY,
    code TEXT NOT NULL,
    FOREIGN KEY (code) REFERENCES codes (code)
);
