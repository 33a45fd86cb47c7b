-- What will happen by itself in the sandbox's world: a bank debit ends, a refund goes through, a subscription
-- renews. One task of a kind per object: planning it anew replaces it.

CREATE TABLE stripe_sandbox.sandbox_task (
  kind text NOT NULL CHECK (kind ~ '^[a-z_]+$'),
  object_id text NOT NULL CHECK (length(object_id) BETWEEN 4 AND 255),
  -- The test clock by which it is due; null: the wall clock.
  clock_id text,
  due_at timestamptz(3) NOT NULL,
  PRIMARY KEY (kind, object_id)
);

-- A clock's tasks run oldest first.
CREATE INDEX sandbox_task_due_idx ON stripe_sandbox.sandbox_task (clock_id, due_at);

GRANT SELECT, INSERT, UPDATE, DELETE ON stripe_sandbox.sandbox_task TO orbit_stripe_sandbox;
