SELECT o.id, c.name
FROM orders o                       -- a comment, at the end of a line
JOIN contacts c ON c.id = o.contact_id
ORDER BY o.id
