#!/bin/sh
# PowerDNS 4.5 or newer as autosecondary: the first NOTIFY of check_dns_propagation from the monitor (192.0.2.10) creates the canary zone.
# pdns.conf needs secondary=yes and autosecondary=yes (up to 4.8 also slave=yes and superslave=yes). ns2.example.com is this server, by
# the name that --secondary gives it.
pdnsutil add-autoprimary 192.0.2.10 ns2.example.com
