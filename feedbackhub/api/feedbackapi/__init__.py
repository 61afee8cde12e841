"""House rules of the FeedbackAPI v1.3 mount, shared by its nouns in accounts, crm, reviews and campaigns."""
