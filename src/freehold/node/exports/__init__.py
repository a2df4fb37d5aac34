"""What was collected, as files for spreadsheets and BI tools: one row for a post, a day, a campaign's day."""
