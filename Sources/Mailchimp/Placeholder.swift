// Placeholder until the first file of Mailchimp lands.
