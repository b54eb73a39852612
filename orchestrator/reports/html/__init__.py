"""The report as a page: what is drawn of the figures, the table of the calls, and the templates that lay it out."""
