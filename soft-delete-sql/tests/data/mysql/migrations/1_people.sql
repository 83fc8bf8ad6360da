CREATE TABLE companies (
    id bigint unsigned NOT NULL AUTO_INCREMENT,
    name varchar(200) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL COMMENT 'it''s; a name',
    vat_id varchar(32) DEFAULT NULL,
    stage enum('lead','it''s, over') NOT NULL DEFAULT 'lead',
    changed_at timestamp NOT NULL DEFAULT current_timestamp() ON UPDATE current_timestamp(),
    deleted_at datetime(6) DEFAULT NULL,
    PRIMARY KEY (id),
    UNIQUE KEY vat_id (vat_id),
    KEY by_name (name(20), deleted_at)
) ENGINE=InnoDB AUTO_INCREMENT=7 DEFAULT CHARSET=utf8mb4 COMMENT='people; CREATE TABLE x (id int)';

CREATE TABLE `contacts` (
    `id` bigint unsigned NOT NULL AUTO_INCREMENT PRIMARY KEY,
    `company_id` bigint unsigned,
    `email` varchar(200) NOT NULL UNIQUE,
    `order` int NOT NULL DEFAULT 0,
    `is_deleted` tinyint(1) NOT NULL DEFAULT 0,
    INDEX (`order`),
    CONSTRAINT `contacts_company` FOREIGN KEY (`company_id`) REFERENCES `companies` (`id`) ON DELETE SET NULL
) ENGINE=InnoDB;
