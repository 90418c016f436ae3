// Placeholder until the first file of MailchimpTests lands.
