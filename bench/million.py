"""An account with a million customers, in about a minute: INSERT … SELECT, triggers and foreign keys off meanwhile.

Shares are those of a business that has been at it for years: 2 % of the customers deleted, 3 % opted out, 1 % bounced,
one in seven answered. A second tenant has a tenth of everything, so that an index must tell them apart.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

# A public id of a row number, as long as ours.
ID = "lpad(to_hex(n), 10, 'z')"
RECORD = "md5('{0}' || n)::uuid"
WHEN = "now() - make_interval(secs => (n * 97 %% 94608000))"
# The commonest of the names is 3 % of the people, as in life.
FIRST = "CASE WHEN n %% 33 = 0 THEN 'Ann' ELSE 'Name' || n %% 800 END"


@dataclass(frozen=True)
class Tenant:
    """One account's rows; `first` is the row number its customers start at."""

    account: int
    first: int
    customers: int

    @property
    def numbers(self) -> dict[str, int]:
        n = self.customers
        return {
            "account": self.account,
            "first": self.first,
            "last": self.first + n - 1,
            "locations": max(n // 5000, 200),
            "answers": self.first + n // 7,
            "asked": self.first + n // 3,
            "reviews": self.first + n // 5,
        }


STATEMENTS = (
    f"""
    INSERT INTO crm_location (public_id, account_id, name, country_code, postal_code, time_zone,
      brand_name, brand_color, from_name, reply_to, created_at)
    SELECT lpad(to_hex(%(first)s + n), 10, 'z'), %(account)s, 'Place ' || md5(n::text), 'US', 10000 + n %% 90000, '',
           '', '', '', '', {WHEN} FROM generate_series(1, %(locations)s) n
    """,
    f"""
    INSERT INTO crm_customer (id, public_id, account_id, email, mobile_number, fname, sname, country_code, time_zone,
      language, internal, properties, last_email_at, last_sms_at, created_at, updated_at, deleted_at, opted_out,
      undeliverable)
    SELECT n, {ID}, %(account)s,
      CASE WHEN n %% 10 < 9 THEN substr(md5(n::text), 1, 8) || n || '@example.com' END,
      CASE WHEN n %% 10 > 4 THEN '+1' || 2000000000 + n END,
      {FIRST}, 'Family' || n %% 20000, (ARRAY['US','US','US','GB','DE'])[1 + n %% 5], '', '', false, '{{}}',
      CASE WHEN n %% 5 < 3 THEN {WHEN} END, CASE WHEN n %% 5 > 2 THEN {WHEN} END, {WHEN}, {WHEN},
      CASE WHEN n %% 50 = 0 THEN now() END, n %% 33 = 1, n %% 100 = 7 AND n %% 10 < 9
    FROM generate_series(%(first)s, %(last)s) n
    """,
    """
    INSERT INTO crm_customerlocation (customer_id, location_id, created_at)
    SELECT n, l.least + n %% %(locations)s, now() FROM generate_series(%(first)s, %(last)s) n,
      (SELECT min(id) AS least FROM crm_location WHERE account_id = %(account)s) l
    """,
    """
    INSERT INTO crm_suppression (account_id, channel, address, customer_id, reason, source, evidence, created_at)
    SELECT account_id, 'all', CASE WHEN id %% 3 = 0 THEN '' ELSE lower(coalesce(email, mobile_number)) END, id,
      CASE WHEN id %% 3 = 0 THEN 'opt_out' ELSE 'unsubscribe' END,
      CASE WHEN id %% 3 = 0 THEN 'caller' ELSE 'recipient' END, '{}'::jsonb, now()
    FROM crm_customer WHERE account_id = %(account)s AND id %% 33 = 1
    UNION ALL
    SELECT account_id, 'email', lower(email), id, 'hard_bounce', 'provider', '{}'::jsonb, now()
    FROM crm_customer WHERE account_id = %(account)s AND id %% 100 = 7 AND email IS NOT NULL
    """,
    f"""
    INSERT INTO feedback_feedbackrecord (id, contract, tenant_id, submission_id, source_type, field_id, field_type,
      value_number, value_scale, value_boolean, collected_at, created_at, updated_at, account_id, customer_id)
    SELECT {RECORD.format("answer")}, 'request', '', {ID}, 'landing', 'score',
      (ARRAY['nps','rating','boolean'])[1 + n %% 3],
      CASE n %% 3 WHEN 0 THEN n %% 11 WHEN 1 THEN 1 + n %% 5 END, CASE n %% 3 WHEN 1 THEN 5 END,
      CASE n %% 3 WHEN 2 THEN n %% 4 > 0 END, {WHEN}, {WHEN}, {WHEN}, %(account)s, n
    FROM generate_series(%(first)s, %(answers)s) n
    UNION ALL
    SELECT {RECORD.format("review")}, 'review', '', {ID}, 'review', 'rating', 'rating',
      1 + n %% 5, 5, NULL, {WHEN}, {WHEN}, {WHEN}, %(account)s, NULL
    FROM generate_series(%(first)s, %(reviews)s) n
    """,
    f"""
    INSERT INTO feedback_response (id, public_id, account_id, kind, location_id, customer_id, score_id, platform_name,
      created_at)
    SELECT n, {ID}, %(account)s, (ARRAY['nps','star-rating','happy'])[1 + n %% 3],
      l.least + n %% %(locations)s, n, {RECORD.format("answer")}, CASE WHEN n %% 9 = 0 THEN 'Google' END, {WHEN}
    FROM generate_series(%(first)s, %(answers)s) n,
      (SELECT min(id) AS least FROM crm_location WHERE account_id = %(account)s) l
    """,
    f"""
    INSERT INTO reviews_review (public_id, account_id, location_id, platform_id, external_id, description, record_id,
      rating_of_five, reviewer_name, reviewed_at, created_at)
    SELECT {ID}, %(account)s, l.least + n %% %(locations)s, p.least + n %% 4, 'x' || n,
      'Words about place ' || n, {RECORD.format("review")}, 1 + n %% 5, {FIRST}, {WHEN}, now()
    FROM generate_series(%(first)s, %(reviews)s) n,
      (SELECT min(id) AS least FROM crm_location WHERE account_id = %(account)s) l,
      (SELECT min(id) AS least FROM reviews_platform) p
    """,
    f"""
    INSERT INTO campaigns_feedbackrequest (id, public_id, account_id, customer_id, template_id, location_id, due_at,
      suppressed, landing_token, response_id, opened_at, clicked_at, bounced_at, bounce_reason, complained_at,
      created_at, updated_at)
    SELECT n, {ID}, %(account)s, n, t.least, l.least + n %% %(locations)s, {WHEN}, n %% 40 = 0,
      md5(n::text), CASE WHEN n <= %(answers)s THEN n END, NULL, CASE WHEN n %% 4 = 0 THEN {WHEN} END,
      CASE WHEN n %% 100 = 7 THEN {WHEN} END, CASE WHEN n %% 100 = 7 THEN 'No such user' END,
      CASE WHEN n %% 1000 = 9 THEN {WHEN} END, {WHEN}, {WHEN}
    FROM generate_series(%(first)s, %(asked)s) n,
      (SELECT min(id) AS least FROM crm_location WHERE account_id = %(account)s) l,
      (SELECT min(id) AS least FROM campaigns_messagetemplate WHERE account_id = %(account)s) t
    """,
    f"""
    INSERT INTO campaigns_message (id, account_id, feedback_request_id, customer_id, channel, address, from_name,
      reply_to, subject, text_body, html_body, sms_segments, unsubscribe_token, due_at, not_after, next_try_at, state,
      reason, fence, created_at, updated_at)
    SELECT {RECORD.format("message")}, %(account)s, n, n, 'email', n || '@example.com', '', '', 'How was it?',
      repeat('Tell us. ', 30), repeat('<p>Tell us.</p>', 100), 0, md5('u' || n), {WHEN},
      {WHEN} + interval '12 hours', {WHEN}, 'accepted', '', 1, {WHEN}, {WHEN}
    FROM generate_series(%(first)s, %(asked)s) n WHERE n %% 40 <> 0
    """,
)
PLATFORMS = """
INSERT INTO reviews_platform (public_id, slug, name)
SELECT 'plat' || n, 'site-' || n, 'Site ' || n FROM generate_series(1, 4) n ON CONFLICT DO NOTHING
"""


def fill(execute: Callable[..., object], tenants: list[Tenant]) -> None:
    """The tenants' accounts and their templates are there; everything else is added, in the caller's transaction.

    `execute(statement, parameters)` fills in the parameters itself, as psycopg's ClientCursor and Django's cursor do.
    """
    execute("SET LOCAL session_replication_role = replica")
    execute(PLATFORMS)
    for tenant in tenants:
        for statement in STATEMENTS:
            execute(statement, tenant.numbers)
    execute("SET LOCAL session_replication_role = DEFAULT")
