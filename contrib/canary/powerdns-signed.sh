#!/bin/sh
# PowerDNS 4.5 or newer: the canary zone of check_dns_propagation, whose primary is the monitor (192.0.2.10), signed.
# The key "canary" is imported by pdnsutil import-tsig-key canary hmac-sha256 SECRET; the monitor has the same in BIND's syntax
# (--tsig-key-file). pdns.conf needs secondary=yes (up to 4.8 also slave=yes).
pdnsutil create-secondary-zone canary.example.com 192.0.2.10
pdnsutil activate-tsig-key canary.example.com canary secondary
