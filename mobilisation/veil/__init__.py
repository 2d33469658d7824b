"""Who somebody on a list of people is, withheld from readers without sight of them: one place for every page, file and answer (decision 14)."""
