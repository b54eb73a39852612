"""The nouns: frozen records and closed word lists, standard library only."""
