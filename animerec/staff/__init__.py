"""The pages of those who look after the site: numbers first, tables plain."""
