"""What PostgreSQL itself does with every record that is stored, whichever way it is stored.

A trigger, because records come one by one, many to a statement and by COPY, and because it leaves a create one
statement: no second round trip for an event that nobody hears. Without a webhook and a triage rule of records it costs
one look at two small indexes.
"""

from __future__ import annotations

import pgtrigger

# A tenant's lock, held shared by whoever writes its rows and alone by whoever erases them (feedback/domain/tenants.py).
# The seed keeps it apart from other users of this hash.
TENANT_LOCK = "hashtextextended({account}::text || ':' || {tenant}, 20260301)"

# A version 7 UUID, which PostgreSQL makes itself only since 18: milliseconds, then a version 4's random bits.
_UUID7 = """encode(set_bit(set_bit(overlay(uuid_send(gen_random_uuid()) PLACING
      substring(int8send((extract(epoch FROM clock_timestamp()) * 1000)::bigint) FROM 3) FROM 1 FOR 6),
      52, 1), 53, 1), 'hex')::uuid"""

_HEARS = """e.account_id = {row}.account_id AND e.tenant_id = {row}.tenant_id AND e.enabled
      AND (e.event_types = '{{}}' OR 'feedback_record.created' = ANY(e.event_types))"""

# Whether a rule may concern a record. Words count with any field type: a score and its comment are two records.
_SORTS = """t.account_id = r.account_id AND t.enabled AND t.signal IN ('record', 'thumb')
      AND CASE r.contract WHEN 'inkeep' THEN t.signal = 'thumb' ELSE t.signal = 'record' END
      AND (t.contract = '' OR t.contract = r.contract) AND (t.tenant_id = '' OR t.tenant_id = r.tenant_id)
      AND (t.field_type = '' OR r.field_type IN (t.field_type, 'text'))"""

_TELL = f"""
  IF EXISTS (
    SELECT 1 FROM (SELECT DISTINCT account_id, tenant_id FROM stored WHERE contract = 'hub' AND tenant_id <> '') each
    WHERE NOT pg_try_advisory_xact_lock_shared({TENANT_LOCK.format(account="each.account_id", tenant="each.tenant_id")})
  ) THEN
    RAISE EXCEPTION 'the tenant is being erased' USING ERRCODE = 'lock_not_available';
  END IF;
  -- The look alone is cheaper than starting an INSERT that stores nothing.
  SELECT EXISTS (
    SELECT 1 FROM stored r JOIN feedback_webhookendpoint e ON {_HEARS.format(row="r")} WHERE r.contract = 'hub'
  ), EXISTS (
    SELECT 1 FROM stored r JOIN feedback_triagerule t
      ON t.account_id = r.account_id AND t.enabled AND t.signal IN ('record', 'thumb')
  ) INTO heard, sorted;
  IF sorted THEN
    INSERT INTO feedback_unsortedanswer (account_id, contract, tenant_id, submission_id, due_at, tries)
    SELECT DISTINCT r.account_id, r.contract, r.tenant_id, r.submission_id, statement_timestamp(), 0
    FROM stored r WHERE r.contract NOT IN ('request', 'review') AND EXISTS (
      SELECT 1 FROM feedback_triagerule t WHERE {_SORTS});
  END IF;
  IF NOT heard THEN
    RETURN NULL;
  END IF;
  WITH event AS (
    INSERT INTO feedback_webhookevent (id, account_id, tenant_id, type, happened_at, data, subject_id)
    SELECT {_UUID7}, r.account_id, r.tenant_id, 'feedback_record.created', r.created_at, to_jsonb(r), r.id
    FROM stored r
    WHERE r.contract = 'hub' AND EXISTS (
      SELECT 1 FROM feedback_webhookendpoint e WHERE {_HEARS.format(row="r")})
    RETURNING id, account_id, tenant_id
  )
  INSERT INTO feedback_webhookdelivery (account_id, endpoint_id, event_id, state, due_at, attempts, tries, created_at)
  SELECT event.account_id, e.id, event.id, 'waiting', statement_timestamp(), 0, '[]', statement_timestamp()
  FROM event JOIN feedback_webhookendpoint e ON {_HEARS.format(row="event")};
  RETURN NULL;
"""  # noqa: S608 - constants of ours

RECORD_STORED = pgtrigger.Trigger(
    name="stored",
    level=pgtrigger.Statement,
    when=pgtrigger.After,
    operation=pgtrigger.Insert,
    referencing=pgtrigger.Referencing(new="stored"),  # type: ignore[no-untyped-call]
    declare=[("heard", "boolean"), ("sorted", "boolean")],
    func=_TELL,
)
