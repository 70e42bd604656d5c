# Manual pages come from the programs' option tables: one source for --help, the page and the contract.
nodist_man_MANS =
