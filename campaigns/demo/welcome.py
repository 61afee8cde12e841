"""What `./run` prints: where to sign in, a key per role, and one call per contract that works when pasted."""

from __future__ import annotations

import shlex

from django.conf import settings

from accounts.models import Account, User
from campaigns.demo.load import CAFE, PASSWORD, SIGN_INS, is_loaded, remembered_keys
from campaigns.models import MessageTemplate
from crm.models import Customer

JSON = "-H 'Content-Type: application/json'"


def welcome() -> str:
    """Plain text, ready to print."""
    console = f"Console  {settings.BASE_URL}/console/"
    keys = remembered_keys()
    if not is_loaded() or not keys:
        return "\n".join((console, "", *_without_demo()))
    width = max(map(len, keys.values()))
    return "\n".join(
        (
            console,
            f"Sign in with the password {PASSWORD}",
            *(f"  {person.email:<24}{person.what}" for person in SIGN_INS),
            "",
            "API keys",
            *(f"  {secret:<{width}}  {name}" for name, secret in keys.items()),
            "",
            f"One call per contract{_where_they_lead()}",
            *_calls(next(iter(keys.values()))),
        )
    )


def _without_demo() -> tuple[str, ...]:
    if User.objects.exists():
        return ()
    usual = settings.HOME_DIR == settings.BASE_DIR / ".data"
    run = "./run exec" if usual else f"FEEDBACKHUB_HOME={shlex.quote(str(settings.HOME_DIR))} ./run exec"
    return (
        "Nobody can sign in yet. Make a user, an account and a key:",
        f"  {run} manage.py createsuperuser",
        f'  {run} manage.py create_account --name "My business"',
        f'  {run} manage.py create_api_key --account "My business"',
    )


def _where_they_lead() -> str:
    urls = {"mails": settings.EMAIL_PROVIDER_URL, "SMS": settings.SMS_PROVIDER_URL}
    kept = [what for what, url in urls.items() if url.startswith("outbox:")]
    return f"; the {' and '.join(kept)} they cause are in the console under Outbox" if kept else ""


def _calls(key: str) -> list[str]:
    account = Account.objects.alive().filter(name=CAFE).order_by("pk").first()
    if account is None:
        return []
    guest = (
        Customer.objects.for_account(account)
        .alive()
        .filter(email__isnull=False, suppressions=None, feedback_requests=None)
        .order_by("pk")
        .first()
    )
    template = MessageTemplate.objects.for_account(account).alive().filter(channel="email").order_by("pk").first()
    url, bearer = settings.BASE_URL, f'-H "Authorization: Bearer {key}"'
    calls = [
        ("Formbricks Hub", f"{url}/v1/feedback-records {bearer} {JSON}",
         '{"field_id": "q1", "field_type": "rating", "source_type": "survey", "value_number": 5}'),
        ("BuildBetter", f'{url}/v3/rest/feedback-sources -H "X-BuildBetter-Api-Key: {key}" {JSON}',
         '{"name": "Support tickets", "type": "api"}'),
        ("Leadping", f"{url}/leadping/feedback {bearer} {JSON}",
         '{"type": "bug", "message": "The export hangs", "area": "Reports", "allowContact": true}'),
        ("Inkeep", f"{url}/inkeep/feedback {bearer} {JSON}", '{"type": "positive", "messageId": "msg-1"}'),
    ]  # fmt: skip
    lines = [f"  # {name}\n  curl {target} -d '{body}'" for name, target, body in calls]
    if guest is not None and template is not None:
        who_and_what = f"-d subscriber={guest.public_id} -d template={template.public_id}"
        ask = f"curl {url}/v1.3/feedback-request/ -u {key}: {who_and_what}"
        lines.insert(0, f"  # FeedbackAPI: ask {guest} for feedback\n  {ask}")
    return lines
