-- A team and all that hangs on it: cascades over two levels, a circle, a diamond, keys of two columns.
CREATE TABLE teams (
    id BIGINT PRIMARY KEY,
    name TEXT NOT NULL,
    legal_hold BOOLEAN NOT NULL DEFAULT FALSE,
    deleted_at TIMESTAMPTZ,
    deleted_by BIGINT,
    deleted_reason TEXT,
    deleted_operation UUID
);
CREATE UNIQUE INDEX teams_name ON teams (name) WHERE deleted_at IS NULL;

CREATE TABLE members (
    team_id BIGINT NOT NULL,
    number BIGINT NOT NULL,
    name TEXT NOT NULL,
    deleted_at TIMESTAMPTZ,
    deleted_by BIGINT,
    deleted_reason TEXT,
    deleted_operation UUID,
    PRIMARY KEY (team_id, number),
    FOREIGN KEY (team_id) REFERENCES teams (id)
);

CREATE TABLE projects (
    id BIGINT PRIMARY KEY,
    team_id BIGINT NOT NULL,
    parent_id BIGINT,
    name TEXT NOT NULL,
    deleted_at TIMESTAMPTZ,
    deleted_by BIGINT,
    deleted_reason TEXT,
    deleted_operation UUID,
    FOREIGN KEY (team_id) REFERENCES teams (id),
    FOREIGN KEY (parent_id) REFERENCES projects (id)
);
CREATE UNIQUE INDEX projects_name ON projects (team_id, name) WHERE deleted_at IS NULL;

CREATE TABLE issues (
    id BIGINT PRIMARY KEY,
    project_id BIGINT NOT NULL,
    assignee_team BIGINT,
    assignee_number BIGINT,
    title TEXT NOT NULL,
    detached_assignee_team BIGINT,
    detached_assignee_number BIGINT,
    detached_assignee_team_operation UUID,
    deleted_at TIMESTAMPTZ,
    deleted_by BIGINT,
    deleted_reason TEXT,
    deleted_operation UUID,
    FOREIGN KEY (project_id) REFERENCES projects (id),
    FOREIGN KEY (assignee_team, assignee_number) REFERENCES members (team_id, number)
);

CREATE TABLE votes (
    issue_id BIGINT NOT NULL,
    team_id BIGINT NOT NULL,
    number BIGINT NOT NULL,
    deleted_at TIMESTAMPTZ,
    deleted_by BIGINT,
    deleted_reason TEXT,
    deleted_operation UUID,
    PRIMARY KEY (issue_id, team_id, number),
    FOREIGN KEY (issue_id) REFERENCES issues (id),
    FOREIGN KEY (team_id, number) REFERENCES members (team_id, number)
);

CREATE TABLE boards (
    id BIGINT PRIMARY KEY,
    project_id BIGINT NOT NULL,
    front_id BIGINT,
    deleted_at TIMESTAMPTZ,
    deleted_by BIGINT,
    deleted_reason TEXT,
    deleted_operation UUID,
    FOREIGN KEY (project_id) REFERENCES projects (id)
);

CREATE TABLE cards (
    id BIGINT PRIMARY KEY,
    board_id BIGINT NOT NULL,
    deleted_at TIMESTAMPTZ,
    deleted_by BIGINT,
    deleted_reason TEXT,
    deleted_operation UUID,
    FOREIGN KEY (board_id) REFERENCES boards (id)
);

ALTER TABLE boards ADD FOREIGN KEY (front_id) REFERENCES cards (id);

-- It forbids the deletion of its team while it is live.
CREATE TABLE invoices (
    id BIGINT PRIMARY KEY,
    team_id BIGINT NOT NULL,
    total BIGINT NOT NULL,
    deleted_at TIMESTAMPTZ,
    FOREIGN KEY (team_id) REFERENCES teams (id)
);

-- It stays, whatever becomes of its project.
CREATE TABLE visits (
    id BIGINT PRIMARY KEY,
    project_id BIGINT NOT NULL,
    FOREIGN KEY (project_id) REFERENCES projects (id)
);

-- A key of text, and a marker that is a flag.
CREATE TABLE codes (
    code TEXT PRIMARY KEY NOT NULL,
    is_deleted BOOLEAN NOT NULL DEFAULT FALSE,
    deleted_by TEXT
);
