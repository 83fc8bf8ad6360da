-- A team and all that hangs on it: cascades over two levels, a circle, a diamond, keys of two columns.
CREATE TABLE teams (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    legal_hold BOOLEAN NOT NULL DEFAULT FALSE,
    deleted_at TEXT,
    deleted_by INTEGER,
    deleted_reason TEXT,
    deleted_operation TEXT
);
CREATE UNIQUE INDEX teams_name ON teams (name) WHERE deleted_at IS NULL;

CREATE TABLE members (
    team_id INTEGER NOT NULL,
    number INTEGER NOT NULL,
    name TEXT NOT NULL,
    deleted_at TEXT,
    deleted_by INTEGER,
    deleted_reason TEXT,
    deleted_operation TEXT,
    PRIMARY KEY (team_id, number),
    FOREIGN KEY (team_id) REFERENCES teams (id)
);

CREATE TABLE projects (
    id INTEGER PRIMARY KEY,
    team_id INTEGER NOT NULL,
    parent_id INTEGER,
    name TEXT NOT NULL,
    deleted_at TEXT,
    deleted_by INTEGER,
    deleted_reason TEXT,
    deleted_operation TEXT,
    FOREIGN KEY (team_id) REFERENCES teams (id),
    FOREIGN KEY (parent_id) REFERENCES projects (id)
);
CREATE UNIQUE INDEX projects_name ON projects (team_id, name) WHERE deleted_at IS NULL;

CREATE TABLE issues (
    id INTEGER PRIMARY KEY,
    project_id INTEGER NOT NULL,
    assignee_team INTEGER,
    assignee_number INTEGER,
    title TEXT NOT NULL,
    detached_assignee_team INTEGER,
    detached_assignee_number INTEGER,
    detached_assignee_team_operation TEXT,
    deleted_at TEXT,
    deleted_by INTEGER,
    deleted_reason TEXT,
    deleted_operation TEXT,
    FOREIGN KEY (project_id) REFERENCES projects (id),
    FOREIGN KEY (assignee_team, assignee_number) REFERENCES members (team_id, number)
);

CREATE TABLE votes (
    issue_id INTEGER NOT NULL,
    team_id INTEGER NOT NULL,
    number INTEGER NOT NULL,
    deleted_at TEXT,
    deleted_by INTEGER,
    deleted_reason TEXT,
    deleted_operation TEXT,
    PRIMARY KEY (issue_id, team_id, number),
    FOREIGN KEY (issue_id) REFERENCES issues (id),
    FOREIGN KEY (team_id, number) REFERENCES members (team_id, number)
);

CREATE TABLE boards (
    id INTEGER PRIMARY KEY,
    project_id INTEGER NOT NULL,
    front_id INTEGER,
    deleted_at TEXT,
    deleted_by INTEGER,
    deleted_reason TEXT,
    deleted_operation TEXT,
    FOREIGN KEY (project_id) REFERENCES projects (id),
    FOREIGN KEY (front_id) REFERENCES cards (id)
);

CREATE TABLE cards (
    id INTEGER PRIMARY KEY,
    board_id INTEGER NOT NULL,
    deleted_at TEXT,
    deleted_by INTEGER,
    deleted_reason TEXT,
    deleted_operation TEXT,
    FOREIGN KEY (board_id) REFERENCES boards (id)
);

-- It forbids the deletion of its team while it is live.
CREATE TABLE invoices (
    id INTEGER PRIMARY KEY,
    team_id INTEGER NOT NULL,
    total INTEGER NOT NULL,
    deleted_at TEXT,
    FOREIGN KEY (team_id) REFERENCES teams (id)
);

-- It stays, whatever becomes of its project.
CREATE TABLE visits (
    id INTEGER PRIMARY KEY,
    project_id INTEGER NOT NULL,
    FOREIGN KEY (project_id) REFERENCES projects (id)
);

-- A key of text, and a marker that is a flag.
CREATE TABLE codes (
    code TEXT PRIMARY KEY NOT NULL,
    is_deleted BOOLEAN NOT NULL DEFAULT FALSE,
    deleted_by TEXT
);
