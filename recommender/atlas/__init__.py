"""The map of all titles, as pages and files show it: who lies where, in which colour, under which name."""
