"""What the people of the demo say."""

from __future__ import annotations

FIRST_NAMES = """
    Ada Amara Anton Beatriz Bruno Carmen Chen Clara Dario Dina Elias Emma Fatima Felix Gina Hana Hugo Ines Ivan
    Jonas Julia Kai Lea Leo Lina Luca Maja Marco Mei Mila Nadia Nina Noah Omar Paula Priya Rafael Rosa Samir Sara
    Selma Stefan Tara Theo Uma Vera Victor Wanda Yara Zoe
""".split()  # noqa: SIM905
LAST_NAMES = """
    Abel Baptiste Bauer Castillo Costa Diaz Eder Ferrari Fischer Garcia Haddad Hansen Horvat Ito Jansen Kaya
    Keller Kim Kovac Lang Larsen Lopez Marin Mehta Moreau Nagy Novak Okafor Olsen Park Pereira Petrov Rossi Santos
    Sato Schmid Silva Tanaka Torres Varga Vidal Wagner Weber Yilmaz Zhang
""".split()  # noqa: SIM905

HAPPY = (
    "The barista remembered my order. Made my morning.",
    "Quick, friendly, and the flat white is the best around here.",
    "Lovely place to work for an hour, and the staff never hurry you.",
    "Everything was perfect, thank you!",
    "Great cardamom buns. Please never stop making them.",
)
PASSIVE = (
    "Good coffee, but the queue at eight is long.",
    "Nice as always. A little loud today.",
    "Fine. The oat milk was out again.",
)
UNHAPPY = (
    "I waited twenty minutes for a filter coffee and nobody said why.",
    "My order was wrong twice. The second time they argued with me.",
    "The table was sticky and the cup had a chip.",
    "The card reader was down and there was no sign at the door.",
    "Too cold inside; the door stays open all the time.",
    "The app said open until seven, the door was locked at half past six.",
    "I asked for decaf. It was not decaf.",
)
REVIEWS = {
    5: ("Best coffee in town", "Warm people, serious coffee. I bring every visitor here."),
    4: ("Very good", "Great drinks and a calm upstairs room. A bit pricey."),
    3: ("It is fine", "Decent coffee, slow service at noon."),
    2: ("Used to be better", "The new menu is smaller and my toast was cold."),
    1: ("Not again", "Waited, was forgotten, left."),
}

# type, area, route, words
PRODUCT = (
    ("bug", "Reports", "/reports/export", "The export hangs at 90 % when the range is longer than a year."),
    ("bug", "Reports", "/reports/export", "Exporting a long range never finishes."),
    ("bug", "Billing", "/billing/invoices", "The invoice PDF shows last month's address."),
    ("bug", "Editor", "/editor", "Pasting from a spreadsheet drops the last column."),
    ("bug", "Sign-in", "/login", "After resetting my password I land on an empty page."),
    ("bug", "Mobile", "/inbox", "On my phone the send button hides behind the keyboard."),
    ("confusing", "Settings", "/settings/team", "I cannot tell the difference between a member and a guest."),
    ("confusing", "Billing", "/billing", "Does the price include tax? I could not find out before paying."),
    ("confusing", "Editor", "/editor", "What does the lightning icon do? It has no label."),
    ("feature_request", "Reports", "/reports", "Please let me schedule a report for every Monday."),
    ("feature_request", "Editor", "/editor", "Keyboard shortcuts for headings would save me hours."),
    ("feature_request", "Inbox", "/inbox", "Let me snooze a conversation until tomorrow."),
    ("feature_request", "Settings", "/settings", "A dark theme, please."),
    ("missing_capability", "API", "/api", "There is no way to list archived projects over the API."),
    ("missing_capability", "Sign-in", "/login", "We need single sign-on before we can roll this out."),
    ("missing_capability", "Reports", "/reports", "Charts cannot be compared with the period before."),
    ("other", None, "/", "Just wanted to say that support was wonderful yesterday."),
    ("other", "Billing", "/billing", "Who do I talk to about a yearly contract?"),
)
# What several people say in their own words; the first of each is the one to work on. The last two groups are left to
# be found: the console suggests them.
REPEATED = (
    (
        "bug", "Reports", "/reports/export", "8.2.1",
        "The CSV export loses the last row when a comment has a line break.",
        "CSV export loses the last row if there is a line break in a comment",
        "The last row is lost in the CSV export when a comment has a line break in it.",
        "the csv export loses the last row when a comment has a line break",
    ),
    (
        "feature_request", "Inbox", "/inbox", "8.3.0",
        "Please let me undo a sent reply for ten seconds.",
        "Let me undo a sent reply for a few seconds, please.",
        "Please let us undo a reply that was just sent.",
    ),
    (
        "bug", "Sign-in", "/login", "8.3.2",
        "The sign-in code by SMS arrives after it has expired.",
        "SMS sign-in code arrives after it has expired already",
    ),
    (
        "confusing", "Billing", "/billing/seats", "8.3.1",
        "I removed a seat and the next invoice still has it.",
        "Removed a seat but the next invoice still has it!",
        "We removed two seats and the invoice still has them.",
    ),
)  # fmt: skip
LEFT_TO_BE_FOUND = 2
NOTES = (
    "Reproduced with a two-year range. The query times out.",
    "Asked for a screenshot.",
    "Same as what Lumen reported in spring.",
    "Product agrees; goes into the next quarter.",
    "Fixed in the last release, told the customer.",
)
SURVEY_WORDS = (
    "Setting it up took ten minutes, which I did not expect.",
    "Search finds what I mean.",
    "I would like fewer e-mails.",
    "The reports are slow on Mondays.",
    "Support answers quickly and kindly.",
    "Too many clicks to archive something.",
)
TICKETS = (
    ("Cannot invite a colleague", "high"),
    ("Import stops at row 5000", "urgent"),
    ("How do I change the currency?", "normal"),
    ("Please delete our trial workspace", "normal"),
    ("Webhook arrives twice", "high"),
)
THUMB_REASONS = ("inaccurate", "incomplete", "not_relevant", "too_long")
