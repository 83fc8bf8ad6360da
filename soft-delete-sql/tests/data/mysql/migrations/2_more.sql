ALTER TABLE contacts
    ADD COLUMN (first varchar(50), last varchar(50) NOT NULL),
    ADD note text AFTER email,
    MODIFY COLUMN `order` bigint NOT NULL DEFAULT 1,
    ADD UNIQUE INDEX by_company (company_id, email),
    DROP INDEX `order`,
    ENGINE = InnoDB;
ALTER TABLE contacts CHANGE first given_name varchar(80) FIRST;
RENAME TABLE contacts TO people;
CREATE TABLE logs LIKE companies;
CREATE TABLE seats (
    person_id bigint unsigned NOT NULL,
    position int NOT NULL,
    deletion_date date,
    PRIMARY KEY (person_id, position),
    FOREIGN KEY (person_id) REFERENCES people (id) ON DELETE CASCADE
);
CREATE VIEW live_companies AS SELECT id, name FROM companies WHERE deleted_at IS NULL;
CREATE TRIGGER keep_companies BEFORE DELETE ON companies FOR EACH ROW
BEGIN
    IF OLD.deleted_at IS NULL THEN
        SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'live; DROP TABLE companies';
    END IF;
    CASE OLD.stage WHEN 'lead' THEN SET @leads = 1; ELSE SET @leads = 0; END CASE;
END;
CREATE PROCEDURE count_people(OUT n int)
BEGIN
    SELECT count(*) INTO n FROM people;
END;
CREATE FUNCTION double_it(n int) RETURNS int DETERMINISTIC RETURN n * 2;
INSERT INTO companies (name, vat_id) VALUES ('A; DROP TABLE companies;', NULL);
