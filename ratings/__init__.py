"""Who watched and thought what: members, their lists, their feedback."""
