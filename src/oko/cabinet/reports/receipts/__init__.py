"""Who has received which report: opened, confirmed, changed since."""
