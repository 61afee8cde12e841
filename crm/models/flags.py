"""Two columns of Customer that follow from Suppression, kept by the database.

Lists filter by them, and computing them for a million customers takes most of a second. The rows of Suppression stay
the truth: whatever is written to the columns, the triggers put there what the rows say, also for a bulk update or a
hand at psql. Whoever decides about an address holds its lock (crm/domain/locks.py), so that a new owner of an address
and a new row about it never miss each other.
"""

from __future__ import annotations

import pgtrigger

CONSENT = "'opt_out', 'unsubscribe', 'stop', 'complaint'"
DELIVERY = "'hard_bounce', 'sms_failed'"

_STANDING = "SELECT 1 FROM crm_suppression s WHERE s.account_id = NEW.account_id AND s.lifted_at IS NULL"
_BY_ADDRESS = "s.address <> '' AND s.address IN (lower(NEW.email), NEW.mobile_number)"

OF_CUSTOMER = pgtrigger.Trigger(
    name="flags",
    operation=pgtrigger.Insert | pgtrigger.UpdateOf("email", "mobile_number", "opted_out", "undeliverable"),  # type: ignore[no-untyped-call]
    when=pgtrigger.Before,
    func=f"""
        NEW.opted_out := EXISTS ({_STANDING} AND s.reason IN ({CONSENT}) AND {_BY_ADDRESS})
            OR EXISTS ({_STANDING} AND s.reason IN ({CONSENT}) AND s.customer_id = NEW.id);
        NEW.undeliverable := EXISTS ({_STANDING} AND s.reason IN ({DELIVERY}) AND {_BY_ADDRESS});
        RETURN NEW;
    """,
)

# Touching the row is enough: its own trigger, which runs with the row locked, looks at all rows anew.
OF_SUPPRESSION = pgtrigger.Trigger(
    name="flags",
    operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
    when=pgtrigger.After,
    declare=[("about", "crm_suppression%ROWTYPE")],
    func="""
        IF TG_OP = 'DELETE' THEN about := OLD; ELSE about := NEW; END IF;
        UPDATE crm_customer SET opted_out = opted_out WHERE id IN (
            SELECT about.customer_id
            -- Of a row that moves to another customer, both.
            UNION SELECT OLD.customer_id
            UNION SELECT c.id FROM crm_customer c
                WHERE c.account_id = about.account_id AND lower(c.email) = about.address
            UNION SELECT c.id FROM crm_customer c
                WHERE c.account_id = about.account_id AND c.mobile_number = about.address
        );
        RETURN NULL;
    """,
)
