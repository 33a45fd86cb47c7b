-- One login role and one schema per service: "sole writer" is enforced, not promised.
-- The migrating administrator owns every schema and table; a service only gets what its own
-- migration grants. Roles belong to the server, not to the database, and may exist already.
-- They cannot log in until the migrator has set their passwords from its environment.
DO $$
DECLARE
  service text;
BEGIN
  FOREACH service IN ARRAY ARRAY[
    'wallet_ledger', 'gateway', 'checkout', 'usage_metering', 'invoicing', 'stripe_sandbox'
  ]
  LOOP
    IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'orbit_' || service) THEN
      EXECUTE format(
        'CREATE ROLE %I NOLOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS',
        'orbit_' || service
      );
    END IF;
    EXECUTE format('CREATE SCHEMA IF NOT EXISTS %I', service);
    EXECUTE format('REVOKE ALL ON SCHEMA %I FROM PUBLIC', service);
    EXECUTE format('GRANT USAGE ON SCHEMA %I TO %I', service, 'orbit_' || service);
  END LOOP;
END
$$;

-- Nobody but the administrator makes objects in the shared schema or temporary tables.
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
