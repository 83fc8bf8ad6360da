-- It forbids the deletion of its code, in whose row no operation stands.
CREATE TABLE redemptions (
    id BIGINT PRIMARY KEY,
    code VARCHAR(40) NOT NULL,
    FOREIGN KEY (code) REFERENCES codes (code)
);
