ALTER TABLE contacts ADD COLUMN deleted_by TEXT;
ALTER TABLE contacts ADD COLUMN deleted_reason TEXT;
