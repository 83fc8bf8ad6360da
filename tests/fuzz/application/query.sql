SELECT id FROM contacts WHERE name = ?
