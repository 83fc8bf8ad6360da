CREATE SCHEMA soft_oracle;

-- Makes every table soft-deletable that can be.
CREATE FUNCTION soft_oracle.mark() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    unmarked regclass;
BEGIN
    FOR unmarked IN
        SELECT c.oid FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE c.relkind IN ('r', 'p') AND c.reloftype = 0
            AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'soft_oracle')
            AND n.nspname !~ '^pg_toast'
            AND NOT EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid
                AND a.attname = 'deleted_at' AND NOT a.attisdropped)
        ORDER BY c.oid
    LOOP
        BEGIN
            -- A child has the column with its parent.
            EXECUTE format('ALTER TABLE %s ADD COLUMN IF NOT EXISTS deleted_at timestamptz', unmarked);
        EXCEPTION WHEN OTHERS THEN
            -- Its row type is in use: it stays as it is.
            NULL;
        END;
    END LOOP;
END $$;

-- Soft-deletes one row of four, and adds deleted copies of the others where no key forbids it.
CREATE FUNCTION soft_oracle.bury(marked regclass) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    copied text;
BEGIN
    BEGIN
        EXECUTE format(
            'UPDATE ONLY %s SET deleted_at = ''2001-02-03'' '
            'WHERE deleted_at IS NULL AND abs(hashtid(ctid)) %% 4 = 0', marked);
    EXCEPTION WHEN OTHERS THEN
        -- A publication may forbid it.
        NULL;
    END;
    SELECT string_agg(quote_ident(attname) || ', ', '' ORDER BY attnum) INTO copied
    FROM pg_attribute
    WHERE attrelid = marked AND attnum > 0 AND NOT attisdropped AND attgenerated = ''
        AND attname <> 'deleted_at';
    BEGIN
        EXECUTE format(
            'INSERT INTO %1$s (%2$s deleted_at) OVERRIDING SYSTEM VALUE '
            'SELECT %2$s ''2001-02-04'' FROM ONLY %1$s WHERE deleted_at IS NULL LIMIT 2000',
            marked, copied);
    EXCEPTION WHEN OTHERS THEN
        NULL;
    END;
END $$;

-- Runs a statement as the account that owns the server; says whether it succeeds.
CREATE FUNCTION soft_oracle.run(statement text) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
    EXECUTE statement;
    RETURN true;
EXCEPTION WHEN OTHERS THEN
    RETURN false;
END $$;

GRANT USAGE ON SCHEMA soft_oracle TO PUBLIC;
